/** A command that runs as a target: in a group and session of its own, marked, followed and watched by a guardian. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { killUntilNone, MARK_VARIABLE } from "../host/marked-processes.ts";
import { type Guardian, startGuardian } from "./guardian.ts";
import { followOutput, type Output } from "./output.ts";
import { type OwnProcesses, ownProcesses } from "./own-processes.ts";
import { describeProcess } from "./process-tree.ts";
import type { StopRecord, TargetEnd } from "./target.ts";

const PROBE = new URL("./probe.mjs", import.meta.url);

/** sun_path of unix(7), less the zero at its end. */
const MOST_SOCKET_PATH_BYTES = 107;

/** Children that end with their parent need a moment after it. */
const CHILDREN_GRACE_MS = 250;

/** The limit is set in the process that becomes the command: its pid stays. Soft and hard, as some raise their own. */
const LIMITED = 'ulimit -n "$1" || exit 126; shift; exec "$@"';

export interface CommandSettings {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  readonly dir: string;
  readonly marker: string;
  readonly probe: boolean;
  readonly descriptorLimit: number | null;
  readonly stopSignal: NodeJS.Signals;
  /** What its output is searched for until it is ready. */
  readonly awaited: RegExp | null;
}

export interface CommandProcess {
  readonly pid: number;
  readonly startedAtMs: number;
  readonly output: Output;
  readonly end: TargetEnd | null;
  readonly ended: Promise<TargetEnd>;
  readonly probePath: string | null;
  pids(): number[];
  send(signal: NodeJS.Signals): void;
  kill(what: "process" | "tree"): Promise<TargetEnd>;
  stop(withinMs: number): Promise<StopRecord>;
}

/** Starts it. Rejects with what the system said when it cannot be executed; then nothing is left running. */
export async function startCommand(settings: CommandSettings): Promise<CommandProcess> {
  const guardian = await startGuardian(settings.marker);
  const socketPath = probeSocket(settings);
  const startedAtMs = performance.now();
  let child: ChildProcess;
  try {
    child = await spawnCommand(settings, socketPath);
  } catch (error) {
    await guardian.dismiss();
    throw error;
  }
  const pid = child.pid as number;
  guardian.watch(pid);
  const own = ownProcesses(pid, settings.marker);
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  const output = followOutput(streams, settings.awaited);
  let end: TargetEnd | null = null;
  const ended = new Promise<TargetEnd>((resolve) => {
    child.once("exit", (exitCode, signal) => {
      end = { exitCode, signal, atMs: performance.now() };
      own.list();
      if (!own.sessionLives) guardian.watch(null);
      resolve(end);
    });
  });
  const send = (signal: NodeJS.Signals) => void child.kill(signal);
  const endAll = () => endTree(own, guardian, output);
  let stopping: Promise<StopRecord> | null = null;

  return {
    pid,
    startedAtMs,
    output,
    ended,
    get end() {
      return end;
    },
    get probePath() {
      return socketPath !== null && existsSync(socketPath) ? socketPath : null;
    },
    pids: () => own.list(),
    send,
    async kill(what) {
      send("SIGKILL");
      if (what === "tree") await endAll();
      return ended;
    },
    stop(withinMs) {
      stopping ??= stopChild({ child, ended, own, stopSignal: settings.stopSignal }, withinMs).finally(
        endAll,
      );
      return stopping;
    },
  };
}

/** An error that comes with no pid is told as an event. */
function spawnCommand(settings: CommandSettings, socketPath: string | null): Promise<ChildProcess> {
  const { words, directory, descriptorLimit } = settings;
  const all =
    descriptorLimit === null ? words : ["sh", "-c", LIMITED, "sh", String(descriptorLimit), ...words];
  const [program = "", ...rest] = all;
  const child = spawn(program, rest, {
    cwd: directory,
    env: {
      ...settings.environment,
      [MARK_VARIABLE]: settings.marker,
      ...probeSettings(settings, socketPath),
    },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => {
      child.off("error", reject);
      // a signal that could not be sent has missed it
      child.on("error", () => {});
      resolve(child);
    });
  });
}

/** Of each start its own: a killed one leaves its socket behind, and two may share a folder. */
function probeSocket({ probe, dir }: CommandSettings): string | null {
  const path = join(dir, `probe-${randomBytes(4).toString("hex")}.sock`);
  return probe && Buffer.byteLength(path) <= MOST_SOCKET_PATH_BYTES ? path : null;
}

function probeSettings({ environment }: CommandSettings, socketPath: string | null): Record<string, string> {
  if (socketPath === null) return {};
  const options = [environment.NODE_OPTIONS, `--import=${PROBE.href}`].filter(Boolean).join(" ");
  return { NODE_OPTIONS: options, PROOFLOAD_PROBE: socketPath };
}

interface Stopped {
  readonly child: ChildProcess;
  readonly ended: Promise<TargetEnd>;
  readonly own: OwnProcesses;
  readonly stopSignal: NodeJS.Signals;
}

async function stopChild({ child, ended, own, stopSignal }: Stopped, withinMs: number): Promise<StopRecord> {
  const startedMs = performance.now();
  child.kill(stopSignal);
  const forced = !(await settlesWithin(ended, withinMs));
  if (forced) child.kill("SIGKILL");
  const end = await ended;
  const graceUntilMs = performance.now() + CHILDREN_GRACE_MS;
  let left = own.list();
  while (left.length > 0 && performance.now() < graceUntilMs) {
    await delay(5);
    left = own.list();
  }
  return {
    end,
    tookMs: Math.max(0, end.atMs - startedMs),
    forced,
    left: left.map(describeProcess),
  };
}

async function endTree(own: OwnProcesses, guardian: Guardian, output: Output): Promise<void> {
  await killUntilNone(() => own.list());
  // what the last of them wrote is there already: nobody holds the pipe now
  await settlesWithin(output.closed, CHILDREN_GRACE_MS);
  output.close();
  await guardian.dismiss();
}

async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const over = new AbortController();
  const late = delay(ms, false, { signal: over.signal }).catch(() => false);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    over.abort();
  }
}

/** A command that runs as a target: followed, signalled, and ended with its whole tree. */
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { killIfThere, killUntilNone } from "../host/marked-processes.ts";
import { type Guardian, startGuardian } from "./guardian.ts";
import { followOutput, type Output } from "./output.ts";
import { type OwnProcesses, ownProcesses } from "./own-processes.ts";
import { describeProcess } from "./process-tree.ts";
import { type CommandSettings, type Spawned, spawnCommand } from "./spawn-command.ts";
import type { StopRecord, TargetEnd } from "./target.ts";

/** Children that end with their parent need a moment after it. */
const CHILDREN_GRACE_MS = 250;

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
  try {
    return follow(await spawnCommand(settings), settings, guardian);
  } catch (error) {
    await guardian.dismiss();
    throw error;
  }
}

function follow(spawned: Spawned, settings: CommandSettings, guardian: Guardian): CommandProcess {
  const { child, pid, streams, probePath, startedAtMs } = spawned;
  guardian.watch(pid);
  const own = ownProcesses(pid, settings.marker);
  const output = followOutput(streams, settings.awaited);
  let end: TargetEnd | null = null;
  const ended = new Promise<TargetEnd>((resolve) => {
    child.once("exit", (exitCode, signal) => {
      end = { exitCode, signal, atMs: performance.now() };
      resolve(end);
      if (!hasSession(own)) guardian.watch(null);
    });
  });
  // not child.kill: Deno then tells that signal as the end, whatever the program made of it
  const send = (signal: NodeJS.Signals) => {
    if (end === null) killIfThere(pid, signal);
  };
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
      return probePath !== null && existsSync(probePath) ? probePath : null;
    },
    pids: () => own.list(),
    send,
    async kill(what) {
      send("SIGKILL");
      if (what === "tree") await endAll();
      return ended;
    },
    stop(withinMs) {
      stopping ??= stopMain({ ended, own, send }, settings.stopSignal, withinMs).finally(endAll);
      return stopping;
    },
  };
}

/** While nothing can be read, out of descriptors, it may have. */
function hasSession(own: OwnProcesses): boolean {
  try {
    own.list();
    return own.sessionLives;
  } catch {
    return true;
  }
}

interface Stoppable {
  readonly ended: Promise<TargetEnd>;
  readonly own: OwnProcesses;
  readonly send: (signal: NodeJS.Signals) => void;
}

async function stopMain(
  { ended, own, send }: Stoppable,
  signal: NodeJS.Signals,
  withinMs: number,
): Promise<StopRecord> {
  const startedMs = performance.now();
  send(signal);
  const forced = !(await settlesWithin(ended, withinMs));
  if (forced) send("SIGKILL");
  const end = await ended;
  const graceUntilMs = performance.now() + CHILDREN_GRACE_MS;
  let left = own.list();
  while (left.length > 0 && performance.now() < graceUntilMs) {
    await delay(5);
    left = own.list();
  }
  return { end, tookMs: Math.max(0, end.atMs - startedMs), forced, left: left.map(describeProcess) };
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

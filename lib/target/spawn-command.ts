/** Starts a command as a target, without a shell: marked, in a group and session of its own, under its limits, with the probe. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { MARK_VARIABLE } from "../host/marked-processes.ts";
import { spareFromOom } from "../host/oom-score.ts";
import { PROBE } from "./live-bytes.ts";
import { openOutputPipe } from "./output-pipe.ts";

/** sun_path of unix(7) has 107; the probe of a second process in the tree adds its pid. */
const MOST_SOCKET_PATH_BYTES = 90;

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

export interface Spawned {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it writes. */
  readonly streams: readonly Readable[];
  /** Where the probe would listen; null where none was asked for. */
  readonly probePath: string | null;
  readonly startedAtMs: number;
}

/** Rejects with what the system said when it cannot be executed. */
export async function spawnCommand(settings: CommandSettings): Promise<Spawned> {
  const { words, directory, dir, descriptorLimit, marker } = settings;
  const probePath = findProbePath(settings);
  const limited = ["sh", "-c", LIMITED, "sh", String(descriptorLimit), ...words];
  const [program = "", ...rest] = descriptorLimit === null ? words : limited;
  const pipe = await openOutputPipe(dir);
  const write = pipe?.writeEnd ?? "pipe";
  const startedAtMs = performance.now();
  const child = spawn(program, rest, {
    cwd: directory,
    env: { ...settings.environment, [MARK_VARIABLE]: marker, ...probeSettings(settings, probePath) },
    detached: true,
    stdio: ["ignore", write, write],
  });
  if (child.pid !== undefined) spareFromOom(child.pid);
  const streams = pipe ? [pipe.handOver()] : [child.stdout, child.stderr].filter((stream) => stream !== null);
  try {
    await isStarted(child);
  } catch (error) {
    for (const stream of streams) stream.destroy();
    throw error;
  }
  return { child, pid: child.pid as number, streams, probePath, startedAtMs };
}

function isStarted(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => {
      child.off("error", reject);
      resolve();
    });
  });
}

/** Of each start its own: a killed one leaves its socket behind, and two may share a folder. */
function findProbePath({ probe, dir }: CommandSettings): string | null {
  const path = join(dir, `probe-${randomBytes(4).toString("hex")}.sock`);
  return probe && Buffer.byteLength(path) <= MOST_SOCKET_PATH_BYTES ? path : null;
}

function probeSettings({ environment }: CommandSettings, probePath: string | null): Record<string, string> {
  if (probePath === null) return {};
  const options = [environment.NODE_OPTIONS, `--import=${PROBE.href}`].filter(Boolean).join(" ");
  return { NODE_OPTIONS: options, PROOFLOAD_PROBE: probePath };
}

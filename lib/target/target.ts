/** A target that runs: what can be seen of it and done to it, whoever started it. */
import type { TargetSpec } from "./spec.ts";

export interface Target {
  readonly name: string;
  /** Null for a URL alone. */
  readonly pid: number | null;
  /** What {port} became; null where there is none. */
  readonly port: number | null;
  /** Placeholders filled in. */
  readonly url: string | null;
  /** Filled in. */
  readonly spec: TargetSpec;
  readonly readyAfterMs: number;
  /** Always true of a URL alone: nobody can tell. */
  readonly alive: boolean;
  /** How it ended, null while it runs. Of one that Proofload did not start, nobody can tell how: exit code and signal are null. */
  readonly end: TargetEnd | null;
  /** Resolves with `end`; never for a URL alone. */
  readonly ended: Promise<TargetEnd>;
  /** The last lines of its output, without control characters: at most 50 of at most 400 characters. [] of one that already ran. */
  lastLines(): readonly string[];
  /** What it has written so far; null for one that already ran. */
  readonly output: OutputCounts | null;
  /** Its whole process tree now, also those who have lost their parent; root first. [] for a URL alone. */
  pids(): readonly number[];
  /** Unix socket of the probe; null where none was asked for, or where no Node of this target has opened it. */
  readonly probePath: string | null;
  /**
   * Asks it to end (spec.stopSignal to its main process), waits, then kills the whole tree. One that Proofload did not
   * start is left alone.
   */
  stop(withinMs: number): Promise<StopRecord>;
  /** SIGKILL to the main process alone (as the OOM killer would), or to the tree. Throws for one that Proofload did not start. */
  kill(what: "process" | "tree"): Promise<TargetEnd>;
  /** Sends a signal to the main process. Throws for one that Proofload did not start. */
  send(signal: NodeJS.Signals): void;
}

export interface OutputCounts {
  readonly readBytes: number;
  /** Of those, what was dropped in a flood without a look. */
  readonly droppedBytes: number;
}

export interface TargetEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** On the clock of performance.now(). */
  readonly atMs: number;
}

export interface StopRecord {
  readonly end: TargetEnd | null;
  /** From the signal to the end of its main process. */
  readonly tookMs: number;
  /** Whether it had to be killed. */
  readonly forced: boolean;
  /** Children that outlived the main process, before they were killed: "pid 123 sleep 1000". */
  readonly left: readonly string[];
}

/** A runtime's sentence stands above a stack of ten. */
const QUOTED_LINES = 20;

/** Why there is no target. Nothing is left running then. */
export class TargetError extends Error {
  override readonly name = "TargetError";
  /** How it ended on the way, if it was started and did. */
  readonly end: TargetEnd | null;
  readonly lastLines: readonly string[];

  constructor(sentence: string, end: TargetEnd | null = null, lastLines: readonly string[] = []) {
    const quoted = lastLines
      .filter(Boolean)
      .slice(-QUOTED_LINES)
      .map((line) => `\n  | ${line}`);
    super(`${sentence}${quoted.join("")}`);
    this.end = end;
    this.lastLines = lastLines;
  }
}

/** "ended with exit code 1", "was ended by SIGKILL". */
export function describeEnd({ exitCode, signal }: TargetEnd): string {
  if (signal !== null) return `was ended by ${signal}`;
  return exitCode === null ? "ended" : `ended with exit code ${exitCode}`;
}

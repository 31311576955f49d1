/** Keeps a reports folder small: removes the oldest runs, and never one that runs, the last pass or the last failure. */
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { listRuns, readPastRun } from "./history.ts";
import { listScenarios } from "./index-file.ts";
import { readLock } from "./lock.ts";

export interface Retention {
  /** Runs of each scenario. */
  readonly keep: number;
  /** Of the whole folder, as it lies on the disk. */
  readonly keepBytes: number;
}

/** Answers the runs that it removed, as "scenario/run". Others may do the same at the same time. */
export function prune(out: string, { keep, keepBytes }: Retention): string[] {
  const runs = listScenarios(out).flatMap((scenario) => listStored(out, scenario));
  const tooMany = runs.filter(({ rank, spared }) => !spared && rank >= keep);
  for (const { path } of tooMany) remove(path);
  const left = runs.filter((run) => !tooMany.includes(run));
  const tooLarge = findTooLarge(left, keepBytes);
  for (const { path } of tooLarge) remove(path);
  return [...tooMany, ...tooLarge].map(({ name }) => name);
}

interface Stored {
  readonly name: string;
  readonly path: string;
  /** The name of its folder, which tells when. */
  readonly run: string;
  /** 0 for the newest of its scenario. */
  readonly rank: number;
  readonly spared: boolean;
}

function listStored(out: string, scenario: string): Stored[] {
  const folder = join(out, scenario);
  const newestFirst = listRuns(folder).reverse();
  const kinds = newestFirst.map((run) => readPastRun(folder, run).kind);
  const spared = new Set([
    0,
    kinds.indexOf("pass"),
    kinds.findIndex((kind) => kind === "fail" || kind === "error"),
  ]);
  const running = findRunning(folder);
  return newestFirst.map((run, rank) => ({
    ...{ name: `${scenario}/${run}`, path: join(folder, run), run, rank },
    spared: spared.has(rank) || run === running,
  }));
}

/** The run whose lock is held, or was when it was killed: the next command finishes it. */
function findRunning(folder: string): string | null {
  try {
    return readLock(folder)?.run ?? null;
  } catch {
    return null;
  }
}

function findTooLarge(runs: readonly Stored[], keepBytes: number): Stored[] {
  const sized = runs.map((run) => ({ run, bytes: sizeOf(run.path) }));
  let total = sized.reduce((sum, { bytes }) => sum + bytes, 0);
  const oldestFirst = sized.filter(({ run }) => !run.spared).sort((a, b) => (a.run.run < b.run.run ? -1 : 1));
  const removed: Stored[] = [];
  for (const { run, bytes } of oldestFirst) {
    if (total <= keepBytes) break;
    total -= bytes;
    removed.push(run);
  }
  return removed;
}

const BLOCK_BYTES = 512;

function sizeOf(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  const own = stats.blocks * BLOCK_BYTES;
  return stats.isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), own)
    : own;
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

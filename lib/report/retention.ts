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
  const runs = listScenarios(out).flatMap((scenario) => listStored(join(out, scenario), scenario));
  const tooMany = runs.filter(({ rank, isSpared }) => rank >= keep && !isSpared());
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
  /** Reads reports: asked of those alone that would have to go. */
  isSpared(): boolean;
}

function listStored(folder: string, scenario: string): Stored[] {
  const newestFirst = listRuns(folder).reverse();
  let spared: ReturnType<typeof findSpared> | null = null;
  return newestFirst.map((run, rank) => ({
    ...{ name: `${scenario}/${run}`, path: join(folder, run), run, rank },
    isSpared() {
      spared ??= findSpared(folder, newestFirst);
      return spared.has(run);
    },
  }));
}

/** The newest run, the one that runs, the last pass and the last failure: no report is read beyond these. */
function findSpared(folder: string, newestFirst: readonly string[]): ReadonlySet<string | null | undefined> {
  const kinds = new Map<string, string>();
  const kindOf = (run: string) => {
    const kind = kinds.get(run) ?? readPastRun(folder, run).kind;
    kinds.set(run, kind);
    return kind;
  };
  const passed = newestFirst.find((run) => kindOf(run) === "pass");
  const failed = newestFirst.find((run) => ["fail", "error"].includes(kindOf(run)));
  return new Set([newestFirst[0], findRunning(folder), passed, failed]);
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
  const oldestFirst = sized.sort((a, b) => (a.run.run < b.run.run ? -1 : 1));
  const removed: Stored[] = [];
  for (const { run, bytes } of oldestFirst) {
    if (total <= keepBytes) break;
    if (run.isSpared()) continue;
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

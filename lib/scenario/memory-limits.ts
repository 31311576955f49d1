/** Limits to what a warm server's memory does: known from users' own documents, and theirs to set. */
import { largestRise } from "../stats/plateau.ts";
import { BLOCKS } from "../stats/thresholds.ts";
import { formatBytes, formatDuration } from "../units.ts";
import { memoryOf } from "./leak.ts";
import { tellsAll } from "./leak-channels.ts";
import { below, type Measure, skipped, unknown } from "./measure.ts";
import type { Checkpoint } from "./target-watch.ts";

export interface MemoryLimit {
  readonly limitBytes: number;
  /** Whether the user set it. */
  readonly given: boolean;
  /** How it is set. */
  readonly flag: string;
  /** Since the start of the run: pools and caches are full by then. */
  readonly fromMs: number;
}

/** Of so many readings at least one falls between two bursts. */
const READINGS_PER_STRETCH = 3;

/** From the first to the last stretch. */
export function judgeGrowthLimit(checkpoints: readonly Checkpoint[], limit: MemoryLimit): Measure {
  return judge(checkpoints, limit, (floors) => Math.max(0, (floors.at(-1) ?? 0) - (floors[0] ?? 0)));
}

/** From any stretch to a later one. */
export function judgeRiseLimit(checkpoints: readonly Checkpoint[], limit: MemoryLimit): Measure {
  return judge(checkpoints, limit, largestRise);
}

/**
 * By the lowest reading of each stretch, as the trend is: what is held for a moment and let go is no growth. Anonymous memory
 * and resident memory keep what an allocator did not give back, so that of them no limit convicts that nobody has set.
 */
function judge(
  checkpoints: readonly Checkpoint[],
  { limitBytes, given, flag, fromMs }: MemoryLimit,
  measure: (floors: readonly number[]) => number,
): Measure {
  const all = readMemory(checkpoints);
  if (all.values.length === 0 && checkpoints.length > 0)
    return all.isGuess ? skipped("its memory cannot be read here") : unknown(all.what);
  const { values, what, isGuess } = readMemory(checkpoints.filter(({ atMs }) => atMs >= fromMs));
  const floors = floorsOf(values);
  const more = floors.length < 2 ? null : measure(floors);
  if (more !== null && more >= limitBytes && isGuess && !given)
    return unknown(`its ${what} grew by ${formatBytes(more)}, and nobody said how much it may: ${flag}`);
  return below(more, limitBytes, "bytes", [
    what,
    `the lowest of each of ${floors.length} stretches from ${formatDuration(fromMs)} on: what is let go is no growth`,
  ]);
}

/** Off Linux only resident memory can be read, of a URL alone nothing. */
function readMemory(checkpoints: readonly Checkpoint[]) {
  const isGuess = !tellsAll(checkpoints);
  const memory = memoryOf(checkpoints);
  if (memory.values.length > 0 || !isGuess) return { ...memory, isGuess };
  const values = checkpoints.map(({ rssBytes }) => rssBytes).filter((value) => value !== null);
  return { values, what: "resident memory, as no other can be read here", isGuess };
}

/** The lowest of each of 24 stretches, or of fewer that have readings enough. */
function floorsOf(values: readonly number[]): number[] {
  const enough = Math.floor(values.length / READINGS_PER_STRETCH);
  const stretches = Math.min(BLOCKS, values.length, Math.max(2, enough));
  return Array.from({ length: stretches }, (_, index) => {
    const [from, to] = [index, index + 1].map((edge) => Math.floor((edge * values.length) / stretches));
    return Math.min(...values.slice(from, to));
  });
}

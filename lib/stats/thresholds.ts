/** What counts as growth: the numbers of the trend verdict, each with its reason. */
import type { Point } from "./floors.ts";
import { median } from "./summary.ts";

/**
 * What a channel's numbers are. `live`: bytes right after a forced collection, at a quiet point. `natural-heap`: bytes of
 * a heap that collects when it likes. `anonymous-rss`: bytes that no file backs. `bytes`: of something that the process itself
 * tells, a cache for one. `count` and `threads`: whole things.
 */
export type Kind = "live" | "natural-heap" | "anonymous-rss" | "bytes" | "count" | "threads";

/** What x counts: repetitions, by what they are called, or seconds where nothing repeats. */
export type Per = "cycle" | "connection" | "second";

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * How far a healthy Node's anonymous RSS grew in two minutes: with the flags of a small heap, and without. Other runtimes were
 * not measured, and have no heap of V8's that grows to its liking.
 */
export const ALLOWANCE_BYTES = {
  launchedWithFlags: 8 * MIB,
  default: 24 * MIB,
  otherRuntimes: 8 * MIB,
} as const;

const LIVE_ALLOWANCE_BYTES = 512 * KIB;

/** Growth per cycle that matters however long a run is: below it a server lives for weeks. */
const SMALLEST = {
  live: 0.25 * KIB,
  "natural-heap": 0.5 * KIB,
  "anonymous-rss": 0.5 * KIB,
  bytes: 0.25 * KIB,
  count: 0.002,
  threads: 0.001,
} as const satisfies Record<Kind, number>;

/**
 * The smallest growth per cycle that this tail of a run can tell from what healthy processes do: δ of DESIGN.md §7. A second
 * stands for a cycle where nothing repeats.
 */
export function smallestLeak(
  kind: Kind,
  floors: readonly Point[],
  tailCycles: number,
  allowanceBytes: number,
): number {
  return Math.max(SMALLEST[kind], allowance() / tailCycles);

  function allowance(): number {
    if (kind === "live" || kind === "bytes") return LIVE_ALLOWANCE_BYTES;
    if (kind === "natural-heap") return 0;
    if (kind === "anonymous-rss") return allowanceBytes;
    return Math.max(2, Math.sqrt(median(floors.map(([, , value]) => value)) ?? 0));
  }
}

/** Growth is no verdict before so much of the run: allocators and compilers still settle. */
export const GROWTH_NEEDS_MS = {
  live: 60_000,
  "natural-heap": 60_000,
  "anonymous-rss": 120_000,
  // nobody knows whether a collector is behind them
  bytes: 120_000,
  count: 60_000,
  threads: 60_000,
} as const satisfies Record<Kind, number>;

/** A run of 60 s has its first and last reading a little less than 60 s apart. */
export const OF_THAT = 0.98;

export const BLOCKS = 24;
export const LEAST_FLOORS = 6;

/** What must be left after the warm-up: 100 repetitions; or of 60 s, the least that growth needs, two thirds. */
export const LEAST_TAIL = { cycle: 100, connection: 100, second: 40 } as const satisfies Record<Per, number>;

/** The part of a run that warms up, unless more was declared. */
export const WARM_UP_SHARE = 1 / 3;

/** A later part whose slope is below so much of the whole slows down. */
export const STILL_GROWS = 0.35;

/** Memory that could not have grown by more than this share of what lives, and may as well have shrunk, is level. */
export const LEVEL_SHARE = 0.05;

/** Judges one channel of a run: does it grow with what the run repeats, is it level, or can this run not tell? */
import { describeChannel, type Tail } from "./describe-channel.ts";
import { findFloors, type Point, readAfterCollections } from "./floors.ts";
import { fitLeastSquares } from "./least-squares.ts";
import { median, minimum } from "./summary.ts";
import { fitTheilSen, type Line, type XY } from "./theil-sen.ts";
import {
  ALLOWANCE_BYTES,
  BLOCKS,
  GROWTH_NEEDS_MS,
  type Kind,
  LEAST_FLOORS,
  LEAST_TAIL,
  LEVEL_SHARE,
  OF_THAT,
  type Per,
  STILL_GROWS,
  smallestLeak,
  WARM_UP_SHARE,
} from "./thresholds.ts";

export interface Channel {
  readonly kind: Kind;
  /** What the reader calls it: "descriptors". */
  readonly name: string;
  /** In the order of time. x may stand still, and never falls. */
  readonly points: readonly Point[];
  /** Of a natural heap: the count of major collections at each point, null where it was not taken. */
  readonly majorCollections?: readonly (number | null)[];
}

export interface Conditions {
  /** Declared by the user; longer than the first third it replaces that. From the start of the run. */
  readonly warmUpMs?: number;
  /** By how much a healthy anonymous RSS may grow, see ALLOWANCE_BYTES. */
  readonly allowanceBytes?: number;
  readonly per?: Per;
  /** When the run began and ended, where the channel's first and last reading do not tell. */
  readonly startMs?: number;
  readonly endMs?: number;
}

export type Verdict = "growing" | "level" | "inconclusive";

/** Why a channel is inconclusive, for programs. */
export type Cause =
  | "empty"
  | "short"
  | "few-readings"
  | "growing-so-far"
  | "slowing"
  | "paused"
  | "draining"
  | "noise";

export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
  /** Null where it is not inconclusive. */
  readonly cause: Cause | null;
  /** The smallest leak that is excluded, where it is not δ. */
  readonly excluded?: number;
}

/** Slopes are in bytes or things per cycle (per second where nothing repeats); null where no line could be fitted. */
export interface ChannelVerdict {
  readonly kind: Kind;
  readonly name: string;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly cause: Cause | null;
  readonly slopePerCycle: number | null;
  /** The 98 % interval of the slope. */
  readonly low: number | null;
  readonly high: number | null;
  readonly slopePerHour: number | null;
  /** From the end of the warm-up to the end of the run, by the fitted line. */
  readonly growth: number | null;
  /** The fitted line at the end of the run: what a limit is compared with. */
  readonly level: number | null;
  /** Growth per cycle from which on this run would have told. */
  readonly smallestLeakExcluded: number | null;
  /** The length of run that would decide, null where nobody can say or where it is decided. */
  readonly decidesAfterMs: number | null;
  /** Readings that were judged: one from each block after the warm-up. */
  readonly floors: readonly Point[];
}

const because = (cause: Cause, reason: string): Judgement => ({ verdict: "inconclusive", cause, reason });

const INCONCLUSIVE = {
  empty: because("empty", "nothing was read while x went on"),
  slowing: because(
    "slowing",
    "growth slows down, as of a cache that fills: declare the warm-up, or run longer",
  ),
  paused: because("paused", "growth has paused: a late collection went far below the line"),
  draining: because("draining", "still draining: it falls, and a leak below that could not be seen"),
  noise: because("noise", "the readings scatter too much to tell growth that matters from none"),
} as const;

/** The rule of DESIGN.md §7, steps 1 to 5 and 7. */
export function judgeChannel(channel: Channel, conditions: Conditions = {}): ChannelVerdict {
  const tail = cutTail(channel, conditions);
  if (!tail) return describeChannel(channel, null, INCONCLUSIVE.empty);
  const { kind } = channel;
  const unfit = findUnfit(kind, tail.floors.length, tail.tailCycles, tail.per);
  return describeChannel(channel, tail, unfit ?? judgeTail(kind, tail));
}

function cutTail({ kind, points, majorCollections }: Channel, conditions: Conditions): Tail | null {
  const { warmUpMs = 0, allowanceBytes = ALLOWANCE_BYTES.default, per = "cycle" } = conditions;
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || first[0] >= last[0]) return null;
  const { startMs = first[1], endMs = last[1] } = conditions;
  const warmX = first[0] + (last[0] - first[0]) * WARM_UP_SHARE;
  const candidates = kind === "natural-heap" ? readAfterCollections(points, majorCollections ?? []) : points;
  const isWarm = ([x, tMs]: Point) => x >= warmX && tMs >= startMs + warmUpMs;
  const readings = candidates.filter(isWarm);
  const floors = findFloors(readings, BLOCKS, first[0], last[0]);
  const tailCycles = last[0] - Math.max(warmX, points.find(isWarm)?.[0] ?? last[0]);
  return {
    ...{ readings, floors, tailCycles, per, runMs: endMs - startMs },
    cyclesPerMs: (last[0] - first[0]) / Math.max(1, last[1] - first[1]),
    line: fitTheilSen(floors.map(toXY)),
    delta: tailCycles > 0 ? smallestLeak(kind, floors, tailCycles, allowanceBytes) : null,
    endX: last[0],
  };
}

function findUnfit(kind: Kind, floors: number, cycles: number, per: Per): Judgement | null {
  if (floors < LEAST_FLOORS) {
    const what = kind === "natural-heap" ? "readings after major collections" : "floors";
    const reason = `${floors} ${what} after the warm-up, ${LEAST_FLOORS} are needed`;
    return because("few-readings", reason);
  }
  // half a cycle: the first reading is seldom of the very first one
  if (cycles + 0.5 >= LEAST_TAIL[per]) return null;
  const reason = `${Math.floor(cycles)} ${per}s after the warm-up, ${LEAST_TAIL[per]} are needed`;
  return because("short", reason);
}

function judgeTail(kind: Kind, tail: Tail): Judgement {
  const { floors, line, delta } = tail;
  const xy = floors.map(toXY);
  const half = fitTheilSen(xy.slice(xy.length >> 1));
  if (!line || !half || delta === null) return INCONCLUSIVE.noise;
  if (line.low > delta) return judgeGrowth(kind, tail, line, half, delta);
  if (line.high < delta)
    return line.high < -delta && half.high < 0
      ? INCONCLUSIVE.draining
      : { verdict: "level", cause: null, reason: "any growth is smaller than what matters" };
  if (half.low > -delta && half.high < delta)
    return { verdict: "level", cause: null, reason: "the last half is level" };
  return isLevelWithinItsNoise(kind, tail, line)
    ? {
        verdict: "level",
        cause: null,
        reason: `it goes up and down, and cannot have grown by ${LEVEL_SHARE * 100} % of what lives`,
        excluded: line.high,
      }
    : INCONCLUSIVE.noise;
}

/** The whole interval lies above δ: but does it go on, and has the run lasted long enough to say so? */
function judgeGrowth(kind: Kind, tail: Tail, line: Line, half: Line, delta: number): Judgement {
  if (kind === "natural-heap" && hasPaused(tail.floors.map(toXY), line)) return INCONCLUSIVE.paused;
  if (isSlowing(kind, tail))
    return half.high < delta
      ? { verdict: "level", cause: null, reason: "growth has stopped: the last half is level" }
      : INCONCLUSIVE.slowing;
  if (tail.runMs >= GROWTH_NEEDS_MS[kind] * OF_THAT)
    return {
      verdict: "growing",
      cause: null,
      reason: `it grows from ${tail.per} to ${tail.per}, and does not slow down`,
    };
  const reason = `growing so far: a verdict of growth needs ${GROWTH_NEEDS_MS[kind] / 1000} s`;
  return because("growing-so-far", reason);
}

/** Where memory scatters by more than δ could ever see: zero is inside the interval, and the rest of it is little. */
function isLevelWithinItsNoise(kind: Kind, { floors, tailCycles }: Tail, line: Line): boolean {
  if (kind !== "live" && kind !== "natural-heap") return false;
  const lives = median(floors.map(([, , value]) => value)) ?? 0;
  return line.low < 0 && line.high * tailCycles < LEVEL_SHARE * lives;
}

/**
 * Least squares, where outliers at the end count. Of counts all readings serve: a count has no sawtooth to get below, and floors
 * of a thing that grows by one in 100 cycles are a staircase with too few steps in the last quarter.
 */
function isSlowing(kind: Kind, { floors, readings }: Tail): boolean {
  const slows = (points: readonly XY[]) => {
    const whole = fitLeastSquares(points)?.slope ?? 0;
    return [1 / 2, 3 / 4].some((from) => {
      const later = fitLeastSquares(points.slice(Math.floor(points.length * from)));
      return (later?.slope ?? 0) < STILL_GROWS * whole;
    });
  };
  const isCount = kind === "count" || kind === "threads";
  return slows(floors.map(toXY)) && !(isCount && !slows(readings.map(toXY)));
}

/** A reading in the last sixth far below the line: what rose before were collections that had not come yet. */
function hasPaused(xy: readonly XY[], { slope, intercept }: Line): boolean {
  const residuals = xy.map(([x, y]) => y - slope * x - intercept);
  const middle = median(residuals) ?? 0;
  const mad = median(residuals.map((residual) => Math.abs(residual - middle))) ?? 0;
  return (minimum(residuals.slice(-Math.ceil(residuals.length / 6))) ?? 0) < -3 * mad;
}

function toXY([x, , value]: Point): XY {
  return [x, value];
}

/** Judges one channel of a run: does it grow with what the run repeats, is it level, or can this run not tell? */
import type { Cause, Channel, ChannelVerdict, Conditions, Judgement } from "./channel-verdict.ts";
import { describeChannel, type Tail } from "./describe-channel.ts";
import { findFloors, type Point, readAfterCollections } from "./floors.ts";
import { slowsDown } from "./slowing.ts";
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
  smallestLeak,
  WARM_UP_SHARE,
} from "./thresholds.ts";

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
  // half a cycle: the first reading is seldom of the very first one
  if (cycles + 0.5 < LEAST_TAIL[per]) {
    const reason = `${Math.floor(cycles)} ${per}s after the warm-up, ${LEAST_TAIL[per]} are needed`;
    return because("short", reason);
  }
  if (floors >= LEAST_FLOORS) return null;
  const what = kind === "natural-heap" ? "readings after major collections" : "floors";
  return because("few-readings", `${floors} ${what} after the warm-up, ${LEAST_FLOORS} are needed`);
}

function judgeTail(kind: Kind, tail: Tail): Judgement {
  const { floors, line, delta } = tail;
  const xy = floors.map(toXY);
  const half = fitTheilSen(xy.slice(xy.length >> 1));
  if (!line || !half || delta === null) return INCONCLUSIVE.noise;
  if (line.low > delta) return judgeGrowth(kind, tail, line, half, delta);
  // a leak may hide under what falls, until the rest is seen to be level
  if (line.high < -delta && (half.high < 0 || half.high > delta)) return INCONCLUSIVE.draining;
  if (line.high < delta)
    return { verdict: "level", cause: null, reason: "any growth is smaller than what matters" };
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
  if (kind !== "live" && kind !== "natural-heap" && kind !== "bytes") return false;
  const lives = median(floors.map(([, , value]) => value)) ?? 0;
  return line.low < 0 && line.high * tailCycles < LEVEL_SHARE * lives;
}

/**
 * Of counts all readings serve: a count has no sawtooth to get below, and the floors of what grows by one in 100 cycles are a
 * staircase with too few steps in the last quarter.
 */
function isSlowing(kind: Kind, { floors, readings }: Tail): boolean {
  const isCount = kind === "count" || kind === "threads";
  return slowsDown(floors.map(toXY)) && !(isCount && !slowsDown(readings.map(toXY)));
}

/** A reading in the last sixth far below the line: what rose before were collections that had not come yet. */
function hasPaused(xy: readonly XY[], { slope, intercept }: Line): boolean {
  const residuals = xy.map(([x, y]) => y - slope * x - intercept);
  const middle = median(residuals) ?? 0;
  const mad = median(residuals.map((residual) => Math.abs(residual - middle))) ?? 0;
  // a byte at least: floors may lie on the line to the last digit
  return (minimum(residuals.slice(-Math.ceil(residuals.length / 6))) ?? 0) < -3 * Math.max(1, mad);
}

function toXY([x, , value]: Point): XY {
  return [x, value];
}

/** Puts a channel's verdict into the numbers that a reader wants: per cycle, per hour, and how long a run would decide. */
import type { Channel, ChannelVerdict, Judgement } from "./channel-verdict.ts";
import type { Point } from "./floors.ts";
import type { Line } from "./theil-sen.ts";
import { GROWTH_NEEDS_MS, LEAST_FLOORS, LEAST_TAIL, OF_THAT, type Per } from "./thresholds.ts";

/** What is left of a run after its warm-up, and the line through it. */
export interface Tail {
  readonly readings: readonly Point[];
  readonly floors: readonly Point[];
  readonly tailCycles: number;
  readonly per: Per;
  readonly runMs: number;
  readonly cyclesPerMs: number;
  readonly line: Line | null;
  readonly delta: number | null;
  readonly endX: number;
}

const HOUR_MS = 3_600_000;

/** Of four readings no order is as rare as 1 in 100, so that Kendall's interval of 98 % has no end. */
const LEAST_FOR_INTERVAL = 5;

export function describeChannel(
  { kind, name }: Pick<Channel, "kind" | "name">,
  tail: Tail | null,
  { verdict, reason, cause, excluded }: Judgement,
): ChannelVerdict {
  const line = tail && tail.floors.length >= LEAST_FOR_INTERVAL ? tail.line : null;
  return {
    ...{ kind, name, verdict, reason, cause },
    slopePerCycle: line?.slope ?? null,
    low: line?.low ?? null,
    high: line?.high ?? null,
    slopePerHour: tail && line ? line.slope * tail.cyclesPerMs * HOUR_MS : null,
    growth: tail && line ? line.slope * tail.tailCycles : null,
    level: tail && line ? line.intercept + line.slope * tail.endX : null,
    smallestLeakExcluded: excluded ?? tail?.delta ?? null,
    decidesAfterMs: tail && verdict === "inconclusive" ? estimateDeciding(kind, tail) : null,
    floors: tail?.floors ?? [],
  };
}

/** A run so many times as long is as far as a prediction from this one goes. */
const FURTHEST = 64;

/**
 * Of a longer run of the same kind: 24 floors that scatter as these do, over more cycles, so both the interval and the
 * allowance in δ shrink with its length. Null where that does not tell: what falls or slows down now.
 */
function estimateDeciding(kind: Channel["kind"], tail: Tail): number | null {
  const { line, delta, tailCycles, per, runMs, floors } = tail;
  const least = Math.max(
    (runMs * LEAST_TAIL[per]) / Math.max(1, tailCycles),
    floors.length > 0 ? (runMs * LEAST_FLOORS) / floors.length : 0,
    runMs < GROWTH_NEEDS_MS[kind] * OF_THAT ? GROWTH_NEEDS_MS[kind] : 0,
  );
  if (floors.length < LEAST_FLOORS) return floors.length > 0 || runMs === 0 ? roundUp(least) : null;
  if (least > runMs) return roundUp(least);
  if (!line || delta === null || line.low > delta || line.high < -delta) return null;
  for (let times = 1.25; times <= FURTHEST; times *= 1.25) {
    const limit = delta / times;
    const below = (line.slope - line.low) / times;
    const above = (line.high - line.slope) / times;
    if (line.slope - below > delta || (line.slope <= 0 && line.slope + above < limit))
      return roundUp(runMs * times);
  }
  return null;
}

/** To what one would type. */
function roundUp(ms: number): number {
  const stepMs = ms > 600_000 ? 60_000 : 10_000;
  return Math.ceil(ms / stepMs) * stepMs;
}

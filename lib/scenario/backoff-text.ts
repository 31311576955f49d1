/** What is said of how clients came back: whether their waits are those of the backoff that was configured, and whether they came as a herd. */
import type { Backoff } from "../clients/socket-io.ts";
import { maximum } from "../stats/summary.ts";
import { formatAmount, formatDuration } from "../units.ts";
import { atMost, type Measure, none, unknown } from "./measure.ts";
import type { OutageRecord, Waits } from "./outage.ts";

/** Whole milliseconds are waited, and timers are a little early or late. */
const EARLY_MS = 2;
const LATE_MS = 50;
/** On a busy box the longest of hundreds of timers is late by more than any one look at the loop has seen; a wrong backoff is far off. */
const LATE_SHARE = 0.05;
/** With fewer clients a mean says nothing: 30 draws of ± 50 % have one within 5 %, two times in three. */
const FEWEST_FOR_MEAN = 30;
const FAR_OFF = 0.25;

interface Band {
  readonly lowMs: number;
  readonly meanMs: number;
  readonly highMs: number;
}

/**
 * Before try n (from 0 on) the library of Socket.IO waits delay · 2ⁿ, by up to the jitter more or less, evenly drawn; but never
 * more than the maximum (its contrib/backo2).
 */
export function bandOf({ delayMs, maxMs, jitter }: Backoff, number: number): Band {
  const baseMs = delayMs * 2 ** number;
  const [low, high] = [baseMs * (1 - jitter), baseMs * (1 + jitter)];
  return {
    lowMs: Math.min(low, maxMs),
    highMs: Math.min(high, maxMs),
    meanMs: meanOfCapped(low, high, maxMs),
  };
}

/** Of what is evenly drawn between two numbers, and cut at a third. */
function meanOfCapped(low: number, high: number, cap: number): number {
  if (cap <= low) return cap;
  if (high <= cap || high === low) return (low + high) / 2;
  const below = (cap - low) / (high - low);
  return below * ((low + cap) / 2) + (1 - below) * cap;
}

function describeWaits({ shortestMs, meanMs, longestMs }: Waits, number: number): string {
  const [shortest, mean, longest] = [shortestMs, meanMs, longestMs].map(formatDuration);
  return `before try ${number + 1}: ${shortest} to ${longest}, ${mean} on average`;
}

function tellUnknown({ waits, lost, cutShort }: OutageRecord): Measure | null {
  if (cutShort) return unknown("the run was ended early");
  return lost === 0 || waits.length === 0 ? unknown("nobody was lost, or tried to come back") : null;
}

/** Holds when each lies where delay, doubling and jitter put it, our own lateness allowed. */
export function judgeWaits(outage: OutageRecord, backoff: Backoff): Measure {
  const wrong = outage.waits.flatMap((waits, number) => {
    const { lowMs, highMs } = bandOf(backoff, number);
    const early = waits.shortestMs < lowMs - EARLY_MS;
    // the loss is heard of by a loop that may be late, and so may be the timer
    const late = waits.longestMs > highMs * (1 + LATE_SHARE) + 2 * outage.ownLateMs + LATE_MS;
    if (!early && !late) return [];
    const band = `${formatDuration(lowMs)} to ${formatDuration(highMs)}`;
    return [`${describeWaits(waits, number)}; expected ${band}`];
  });
  return tellUnknown(outage) ?? none(wrong, outage.waits.length, "tries");
}

/** Holds when on average they grow as they have to, and then stay at the maximum. */
export function judgeGrowth(outage: OutageRecord, backoff: Backoff): Measure {
  const few = outage.waits.some(({ count }) => count < FEWEST_FOR_MEAN);
  if (few)
    return unknown(
      `fewer than ${FEWEST_FOR_MEAN} clients tried: nobody can tell how long they wait on average`,
    );
  const wrong = outage.waits.flatMap((waits, number) => {
    const { meanMs } = bandOf(backoff, number);
    const off = Math.abs(waits.meanMs - meanMs) - outage.ownLateMs;
    return off > FAR_OFF * meanMs
      ? [`${describeWaits(waits, number)}; expected ${formatDuration(meanMs)}`]
      : [];
  });
  return tellUnknown(outage) ?? none(wrong, outage.waits.length, "tries");
}

export function judgeLongest(outage: OutageRecord, maxMs: number): Measure {
  const longest = maximum(outage.waits.map(({ longestMs }) => longestMs));
  const measure = atMost(longest, maxMs + LATE_MS, "ms", outage.waits.map(describeWaits));
  const isOurs = measure.outcome === "broken" && (longest ?? 0) - outage.ownLateMs <= maxMs + LATE_MS;
  if (isOurs) return unknown(`our own event loop was late by up to ${formatDuration(outage.ownLateMs)}`);
  return tellUnknown(outage) ?? measure;
}

/** Holds when at no time too many of them come together: at the first try, and when they are back. */
export function judgeWaves(outage: OutageRecord, mostShare: number, windowMs: number): Measure {
  const { firstWaveShare, returnWaveShare, ownLateMs } = outage;
  const shares = [firstWaveShare, returnWaveShare].filter((share) => share !== null);
  const measure = atMost(maximum(shares), mostShare, "share", [
    `first tries: ${formatAmount(firstWaveShare ?? 0, "share")}, returns: ${formatAmount(returnWaveShare ?? 0, "share")}`,
    `within ${formatDuration(windowMs)}, the busiest`,
  ]);
  if (measure.outcome === "broken" && ownLateMs > windowMs)
    return unknown(`our own event loop was late by up to ${formatDuration(ownLateMs)}`);
  return tellUnknown(outage) ?? measure;
}

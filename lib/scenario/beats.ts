/** Heartbeats as clients hear them: how many came to each, and how far apart. */
import { watchLoopDelay } from "../host/loop-delay.ts";

/** What one client heard. */
export interface HeardBeats {
  readonly beats: number;
  /** Between two; null where there were not two. */
  readonly shortestMs: number | null;
  /** Between two, before the first, or after the last. */
  readonly longestMs: number;
}

export interface BeatsHeard {
  /** By the client's index. */
  readonly heard: readonly HeardBeats[];
  readonly listenedMs: number;
  /** How late our own event loop was at most: so much of a delay may be ours. */
  readonly ownLateMs: number;
}

export interface BeatListener {
  /** One has come to this client. */
  beat(index: number): void;
  /** What has come so far: no more is heard. */
  end(): BeatsHeard;
}

/** Listens for so many clients from now on. */
export function listenForBeats(clients: number, now: () => number = () => performance.now()): BeatListener {
  const loop = watchLoopDelay();
  const startedMs = now();
  const all = Array.from({ length: clients }, () => ({
    beats: 0,
    lastMs: startedMs,
    shortestMs: null as number | null,
    longestMs: 0,
  }));
  return {
    beat(index) {
      const one = all[index];
      if (!one) return;
      const atMs = now();
      const sinceMs = atMs - one.lastMs;
      if (one.beats > 0) one.shortestMs = Math.min(one.shortestMs ?? Infinity, sinceMs);
      one.longestMs = Math.max(one.longestMs, sinceMs);
      one.lastMs = atMs;
      one.beats++;
    },
    end() {
      const ownLateMs = loop.worstSinceLast();
      loop.stop();
      const endedMs = now();
      return {
        heard: all.map(({ beats, lastMs, shortestMs, longestMs }) => ({
          ...{ beats, shortestMs },
          longestMs: Math.max(longestMs, endedMs - lastMs),
        })),
        listenedMs: endedMs - startedMs,
        ownLateMs,
      };
    },
  };
}

/** How long one has to listen, at whatever moment one begins, to hear so many that come as late as they may. */
export function listeningMs({ every, tolerance, beats }: BeatLimits): number {
  return beats * every * (1 + tolerance);
}

export interface BeatLimits {
  /** From one to the next, ms. */
  readonly every: number;
  /** A share of that. */
  readonly tolerance: number;
  readonly beats: number;
}

/** What was wrong with the distance between them; null where nothing was. `spareMs` is allowed beside the tolerance. */
export function describeDistance(
  { shortestMs, longestMs }: HeardBeats,
  { every, tolerance }: Pick<BeatLimits, "every" | "tolerance">,
  spareMs: number,
): { readonly isLate: boolean; readonly byMs: number } | null {
  const slackMs = every * tolerance + spareMs;
  const lateMs = longestMs - every;
  const earlyMs = shortestMs === null ? 0 : every - shortestMs;
  if (lateMs > slackMs) return { isLate: true, byMs: lateMs };
  return earlyMs > slackMs ? { isLate: false, byMs: earlyMs } : null;
}

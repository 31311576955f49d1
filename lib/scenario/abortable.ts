/** Waiting that an interruption ends at once: for a work, for a time, and for what has to become true. */
import { setTimeout as delay } from "node:timers/promises";

/** Settles like the work, or rejects with the interruption as soon as it comes. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const settled = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { signal: settled.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    settled.abort();
  }
}

/** Settles like the work, but for one that was aborted: that has this for its result. */
export async function unlessAborted<T>(work: Promise<T>, instead: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") return instead;
    throw error;
  }
}

const LOOK_MS = 10;

/** Looks until this holds, so long at most, or until the signal. */
export async function lookUntil(holds: () => boolean, withinMs: number, signal?: AbortSignal): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (!holds() && performance.now() < untilMs && !signal?.aborted) await delay(LOOK_MS);
}

/** Lasts so long, or until the signal. */
export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await unlessAborted(delay(ms, undefined, { signal }), undefined);
}

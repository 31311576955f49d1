/** When something that forgets with time was not fed enough to be full: what is not there then, nobody lost. */

export interface Span {
  /** Since the feeding began. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Feeding {
  /** So much was taken, at some moment between these two; later feeds come later. */
  feed(amount: number, fromMs: number, toMs: number): void;
  /** Until when it was lean, and from when: less than needed had been taken within the time to live. Told once, at the end. */
  lean(endMs: number): Span[];
}

/** Spans that are no further apart are told as one, so that a run of hours on a busy box tells no more than it has to. */
const APART_MS = 1000;

/** `needed`: what makes it full. `ttlMs`: how long it keeps what it is fed. */
export function trackFeeding(needed: number, ttlMs: number): Feeding {
  const spans: Span[] = [];
  let kept: { amount: number; untilMs: number }[] = [];
  let sum = 0;
  let leanFromMs: number | null = 0;

  function forget(nowMs: number): void {
    const gone = kept.findIndex(({ untilMs }) => untilMs > nowMs);
    for (const { amount, untilMs } of kept.slice(0, gone < 0 ? kept.length : gone)) {
      sum -= amount;
      if (sum < needed) leanFromMs ??= untilMs;
    }
    if (gone !== 0) kept = gone < 0 ? [] : kept.slice(gone);
  }

  function close(toMs: number): void {
    if (leanFromMs === null) return;
    const last = spans.at(-1);
    const joins = last !== undefined && leanFromMs - last.toMs <= APART_MS;
    if (joins) spans.pop();
    spans.push({ fromMs: joins ? last.fromMs : leanFromMs, toMs });
    leanFromMs = null;
  }

  return {
    feed(amount, fromMs, toMs) {
      forget(toMs);
      // it may have been taken at the first moment, and is forgotten so long after that
      if (fromMs + ttlMs > toMs) {
        kept.push({ amount, untilMs: fromMs + ttlMs });
        sum += amount;
      }
      if (sum >= needed) close(toMs);
    },
    lean(endMs) {
      forget(endMs);
      close(endMs);
      return spans;
    },
  };
}

/** The readings of moments at which it had to be full; one is up to `lateMs` older than the moment it is told at. */
export function isFed(spans: readonly Span[], atMs: number, lateMs: number): boolean {
  return !spans.some(({ fromMs, toMs }) => fromMs <= atMs && atMs - lateMs <= toMs);
}

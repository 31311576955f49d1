/** What a load client counts: how often each outcome was seen, and how long its connections took. */

/** How often each was seen: a close code, an HTTP status, an errno, or a few words of ours. */
export type Tally = Readonly<Record<string, number>>;

/** More kinds than a server has of its own accord: what it can make up (close codes) must not grow without bound. */
const MAX_KINDS = 32;

export function add(tally: Record<string, number>, kind: string | number): void {
  const known = kind in tally || Object.keys(tally).length < MAX_KINDS;
  const key = known ? kind : "other";
  tally[key] = (tally[key] ?? 0) + 1;
}

/** Nearest ranks, ms; null of nothing. */
export interface LatencyMs {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** Leaves its argument as it is. What is negative or NaN was not measured. */
export function summarizeLatency(valuesMs: Float64Array): LatencyMs {
  const sorted = valuesMs.filter((value) => value >= 0).sort();
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) ?? null };
}

export function total(tally: Tally): number {
  return Object.values(tally).reduce((sum, each) => sum + each, 0);
}

export function addUp(one: Tally, other: Tally): Tally {
  const sum: Record<string, number> = { ...one };
  for (const [kind, times] of Object.entries(other)) sum[kind] = (sum[kind] ?? 0) + times;
  return sum;
}

/** What the number of a gauge means, by what its source says of it, else by its names: not every number that rises is kept. */

/**
 * `things` and `bytes` are held, and may leak. A `counter` rises for ever, a `time` is no thing, and `resident` memory is what
 * the kernel tells better: those three are shown, and not judged.
 */
export type Meaning = "things" | "bytes" | "counter" | "time" | "resident";

/** Of Prometheus: what only ever rises, or sums up what was seen. */
const RISING = new Set(["counter", "histogram", "summary"]);

/** `names`: what the user and what the target call it. `type`: of Prometheus, null where nobody tells. */
export function meaningOf(names: readonly string[], type: string | null): Meaning {
  const ends = (pattern: RegExp) => names.some((name) => pattern.test(name));
  if (type !== null && RISING.has(type)) return "counter";
  if (ends(/(Ms|Seconds|_ms|_seconds)$/)) return "time";
  // a gauge may be called a total, but what is typed as a gauge can fall
  if (type !== "gauge" && ends(/(Total|_total|_count|_sum)$/)) return "counter";
  if (!ends(/(bytes|Bytes)$/)) return "things";
  return ends(/resident|virtual|rss(_|[A-Z]|$)|Rss/) ? "resident" : "bytes";
}

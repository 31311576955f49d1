/** What the number of a gauge means, by what its source says of it, else by its names: not every number that rises is kept. */

/**
 * `things` and `bytes` are held, and may leak. A `counter` rises for ever, a `time` is no thing, `resident` memory is what the
 * kernel tells better, and a `heap` rises until it is collected, nobody tells when: those four are shown, and not judged.
 */
export type Meaning = "things" | "bytes" | "counter" | "time" | "resident" | "heap";

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
  if (ends(/resident|virtual|rss(_|[A-Z]|$)|Rss/)) return "resident";
  // jvm_memory_used_bytes, go_memstats_alloc_bytes, nodejs_heap_size_used_bytes, dotnet_total_memory_bytes
  return ends(/heap|Heap|alloc|Alloc|jvm_memory|total_memory/) ? "heap" : "bytes";
}

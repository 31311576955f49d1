/** What most people judge memory by, on resident set size alone: to be compared with, not to be used. */
import { fitLeastSquares } from "../../lib/stats/least-squares.ts";
import { maximum, minimum } from "../../lib/stats/summary.ts";

/** True: "it leaks". RSS in bytes over time. */
export type NaiveRule = (rssBytes: readonly number[], tMs: readonly number[]) => boolean;

const MB = 1e6;

export const NAIVE_RULES = {
  "growth ≥ 50 MB or variance ≥ 20 MB": growsOrVaries,
  "least squares, p < .05, R² > .5": hasLine,
  "Mann-Kendall, p < .05": risesInRanks,
} as const satisfies Readonly<Record<string, NaiveRule>>;

/** From the first reading to the last; and the range of the second half. */
function growsOrVaries(rssBytes: readonly number[]): boolean {
  const second = rssBytes.slice(rssBytes.length >> 1);
  const range = (maximum(second) ?? 0) - (minimum(second) ?? 0);
  return (rssBytes.at(-1) ?? 0) - (rssBytes[0] ?? 0) >= 50 * MB || range >= 20 * MB;
}

/** With as many readings as here (600), R² > .5 leaves no p above .05. */
function hasLine(rssBytes: readonly number[], tMs: readonly number[]): boolean {
  const line = fitLeastSquares(rssBytes.map((bytes, at) => [tMs[at] ?? 0, bytes]));
  return line !== null && line.slope > 0 && line.rSquared > 0.5;
}

/** One-sided, by the plain variance, as it is in most libraries. */
function risesInRanks(rssBytes: readonly number[]): boolean {
  const n = rssBytes.length;
  let s = 0;
  for (let one = 0; one < n; one++)
    for (let other = one + 1; other < n; other++)
      s += Math.sign((rssBytes[other] ?? 0) - (rssBytes[one] ?? 0));
  return (s - 1) / Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18) > 1.645;
}

/** Memory that stays is told from memory that is let go, and a limit that nobody set from one that somebody did. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeCheckpoints } from "./fixtures/made-up.ts";
import { judgeGrowthLimit, judgeRiseLimit, type MemoryLimit } from "./memory-limits.ts";
import type { Checkpoint } from "./target-watch.ts";

const MB = 1e6;
const LIMIT: MemoryLimit = { limitBytes: 20 * MB, given: false, flag: "--max-growth", fromMs: 0 };
type Kind = "liveBytes" | "anonymousBytes" | "rssBytes";

/** A checkpoint each 3 s that has only this kind of memory. */
function of(kind: Kind, values: readonly number[]): Checkpoint[] {
  const engines = kind === "liveBytes" ? 1 : null;
  const nothing = { liveBytes: null, engines, anonymousBytes: null, rssBytes: null };
  return makeCheckpoints(values.length, (index) => ({ ...nothing, [kind]: (values[index] ?? 0) * MB }));
}
const steps = (...values: number[]) => values.flatMap((value) => [value, value, value]);
const outcomes = (values: readonly number[], more: Partial<MemoryLimit> = {}) => [
  judgeGrowthLimit(of("liveBytes", values), { ...LIMIT, ...more }).outcome,
  judgeRiseLimit(of("liveBytes", values), { ...LIMIT, ...more }).outcome,
];

test("judgeGrowthLimit() and judgeRiseLimit() convict what stays", () => {
  assert.deepEqual(outcomes(steps(10, 20, 30)), ["broken", "broken"]);
  assert.deepEqual(outcomes(steps(10, 20, 29)), ["held", "held"]);
  assert.deepEqual(outcomes(steps(30, 10, 30)), ["held", "broken"]);
  assert.deepEqual(outcomes(steps(90, 50, 10)), ["held", "held"]);
});

test("judgeGrowthLimit() and judgeRiseLimit() make nothing of bursts, also where one lasts longer than a reading", () => {
  assert.deepEqual(outcomes([10, 90, 10, 10, 10, 90, 90, 10, 90]), ["held", "held"]);
});

test("judgeGrowthLimit() and judgeRiseLimit() look only from the end of the warm-up on", () => {
  assert.deepEqual(outcomes(steps(10, 60, 60, 61), { fromMs: 9000 }), ["held", "held"]);
  assert.deepEqual(outcomes(steps(10, 60), { fromMs: 60_000 }), ["unknown", "unknown"]);
});

test("judgeGrowthLimit() convicts by what an allocator keeps only if the user set the limit", () => {
  for (const kind of ["anonymousBytes", "rssBytes"] as const) {
    const grown = of(kind, steps(10, 82));
    const measure = judgeGrowthLimit(grown, LIMIT);
    assert.ok(measure.outcome === "unknown");
    assert.match(measure.reason, /grew by 72 MB, and nobody said how much it may: --max-growth$/);
    assert.equal(judgeGrowthLimit(grown, { ...LIMIT, given: true }).outcome, "broken");
    assert.equal(judgeGrowthLimit(of(kind, steps(10, 11)), LIMIT).outcome, "held");
  }
});

test("judgeGrowthLimit() prefers live bytes, then anonymous memory, and skips where nothing can be read", () => {
  const both = of("liveBytes", steps(10, 11)).map((at) => ({ ...at, rssBytes: at.atMs * MB }));
  assert.equal(judgeGrowthLimit(both, LIMIT).outcome, "held");
  const nothing = of("rssBytes", steps(1, 2)).map((at) => ({ ...at, rssBytes: null }));
  assert.deepEqual(judgeGrowthLimit(nothing, LIMIT), {
    outcome: "skipped",
    reason: "its memory cannot be read here",
  });
  assert.equal(judgeGrowthLimit([], LIMIT).outcome, "unknown");
  assert.equal(judgeGrowthLimit(of("liveBytes", [10]), LIMIT).outcome, "unknown");
});

test("judgeRiseLimit() judges a long run by 24 stretches", () => {
  const measure = judgeRiseLimit(
    of(
      "liveBytes",
      Array.from({ length: 600 }, (_, index) => index % 5),
    ),
    LIMIT,
  );
  assert.ok(measure.outcome === "held" && measure.value === 0);
  assert.match(measure.evidence.join("\n"), /lowest of each of 24 stretches/);
});

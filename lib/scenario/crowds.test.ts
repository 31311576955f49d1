/** Crowds of a run of any length: what was amiss is kept, what was not is counted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChurnRecord } from "./churn.ts";
import { judgeCrowds, judgeLeft, keepCrowds } from "./crowds.ts";

const record = (cycle: number, more: Partial<ChurnRecord> = {}): ChurnRecord => ({
  ...{ cycle, way: "polite", asked: 10, opened: 10, held: 10, refused: {}, failed: {}, endedBy: {} },
  ...{ peakSubscribers: 10, leftSubscribers: 0, leftSockets: 0, keptSilent: 0, late: 0 },
  ...more,
});

function keep(records: readonly ChurnRecord[], most?: number) {
  const { crowds, add } = keepCrowds({ cap: 10, clients: 10 }, most);
  records.forEach(add);
  return crowds;
}

const many = (count: number, change: (cycle: number) => Partial<ChurnRecord>) =>
  Array.from({ length: count }, (_, cycle) => record(cycle, change(cycle)));

test("keepCrowds() keeps of thousands those with something amiss and the last, in order, and counts all", () => {
  const wrong: Record<number, Partial<ChurnRecord>> = {
    100: { leftSubscribers: 1 },
    // what the one before had left is not its own
    101: { leftSubscribers: 1 },
    200: { failed: { timeout: 1 } },
    300: { refused: { 1000: 1 } },
    400: { opened: 9 },
    500: { peakSubscribers: 11 },
    600: { late: 1 },
    700: { way: "silence", keptSilent: 1 },
  };
  const { kept, came } = keep(
    many(5000, (cycle) => wrong[cycle] ?? {}),
    20,
  );
  assert.deepEqual(
    kept.slice(0, 7).map(({ cycle }) => cycle),
    [100, 200, 300, 400, 500, 600, 700],
  );
  assert.deepEqual([kept.length, kept.at(-1)?.cycle], [20, 4999]);
  assert.deepEqual(came, { polite: 4999, silence: 1 });
});

test("keepCrowds() keeps no more than that of a run that is amiss throughout", () => {
  const { kept, came } = keep(
    many(100, (cycle) => ({ leftSockets: cycle + 1 })),
    20,
  );
  assert.deepEqual([kept.length, kept[0]?.cycle, kept.at(-1)?.cycle], [20, 0, 99]);
  assert.deepEqual([came.polite, kept.at(-1)?.moreSockets], [100, 1]);
});

test("keepCrowds() compares with the last crowd that could be counted", () => {
  const { kept } = keep([
    record(0, { leftSockets: 4 }),
    record(1, { leftSockets: null }),
    record(2, { leftSockets: 5 }),
  ]);
  assert.deepEqual(
    kept.map(({ moreSockets }) => moreSockets),
    [4, null, 1],
  );
});

test("judgeCrowds() tells of how many, also of those that are not kept, it tells those that are amiss", () => {
  const crowds = keep(
    many(100, (cycle) => (cycle === 3 ? { failed: { timeout: 2 } } : {})),
    20,
  );
  const measure = judgeCrowds(crowds, ({ failed }) => (failed.timeout ? "late" : null), ["polite"]);
  assert.ok(measure.outcome === "broken");
  assert.deepEqual(
    [measure.measured, measure.evidence],
    ["1 of 100 crowds amiss", ["crowd 4 (polite): late"]],
  );
});

test("judgeLeft() holds where most crowds could be counted, and tells of the others", () => {
  const crowds = keep(many(100, (cycle) => (cycle < 10 ? { leftSubscribers: null, leftSockets: null } : {})));
  const measure = judgeLeft({ ways: ["polite"], crowds, countable: true }, ["polite"]);
  assert.ok(measure.outcome === "held");
  assert.deepEqual(measure.evidence, [
    "after 10 of 100 crowds neither subscribers nor connections could be counted",
  ]);
});

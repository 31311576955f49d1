/** Each way to measure is seen to hold, to break, and to say that it does not know. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  atLeast,
  atMost,
  below,
  drawnOn,
  type Measure,
  none,
  skipped,
  so,
  unknown,
  within,
  worst,
} from "./measure.ts";

type Outcomes = Record<Measure["outcome"], Measure>;
const one: Outcomes = {
  held: atMost(1, 2, "count"),
  broken: atMost(3, 2, "count", ["the third"]),
  unknown: unknown("no gauge"),
  skipped: skipped("no Docker"),
};

test("atMost(), below(), atLeast() and within() hold on their own side of the limit", () => {
  const expected = [
    [atMost(5, 5, "count"), "held"],
    [atMost(5.01, 5, "count"), "broken"],
    [below(4.99, 5, "count"), "held"],
    [below(5, 5, "count"), "broken"],
    [atLeast(5, 5, "count"), "held"],
    [atLeast(4.99, 5, "count"), "broken"],
    [within(3, 5, 2, "count"), "held"],
    [within(7, 5, 2, "count"), "held"],
    [within(7.01, 5, 2, "count"), "broken"],
    [within(2.99, 5, 2, "count"), "broken"],
    [atMost(0, 0, "count"), "held"],
  ] as const;
  for (const [measure, outcome] of expected) assert.equal(measure.outcome, outcome, JSON.stringify(measure));
});

test("atMost(), below(), atLeast() and within() do not know what was not measured", () => {
  for (const value of [null, undefined, Number.NaN]) {
    const measures = [
      atMost(value, 5, "ms"),
      below(value, 5, "ms"),
      atLeast(value, 5, "ms"),
      within(value, 5, 1, "ms"),
    ];
    for (const measure of measures) assert.equal(measure.outcome, "unknown", String(value));
  }
});

test("drawnOn() draws a limit on its gauge, where it means the same, and nothing where there is no limit", () => {
  assert.deepEqual(drawnOn("a", atMost(1, 2, "count")), { ...one.held, line: { gauge: "a", at: 2 } });
  assert.deepEqual(drawnOn("a", atMost(1, 2, "count"), 7), { ...one.held, line: { gauge: "a", at: 7 } });
  assert.deepEqual(drawnOn("a", unknown("no gauge")), one.unknown);
});

test("atMost() says what was measured beside its limit, in their unit, with the evidence", () => {
  assert.deepEqual(atMost(2048, 1024, "bytes", ["why"]), {
    outcome: "broken",
    measured: "2 KiB",
    limit: "≤ 1 KiB",
    value: 2048,
    unit: "bytes",
    bound: { is: "atMost", value: 1024 },
    evidence: ["why"],
  });
});

test("none() holds on an empty list, and breaks with what is on it", () => {
  assert.equal(none([], 3, "threads").outcome, "held");
  const broken = none(["a died"], 3, "threads");
  assert.equal(broken.outcome, "broken");
  assert.deepEqual("evidence" in broken && [broken.measured, broken.evidence], [
    "1 of 3 threads amiss",
    ["a died"],
  ]);
});

test("none() of nothing at all is unknown: silence is no success", () => {
  assert.equal(none([], 0, "threads").outcome, "unknown");
});

test("so() holds when it is so, beside what was expected", () => {
  assert.equal(so(true, "yes", "yes").outcome, "held");
  assert.equal(so(false, "no", "yes").outcome, "broken");
});

test("none() shows ten, and how many more there are", () => {
  const broken = none(
    Array.from({ length: 25 }, (_, index) => `thread ${index}`),
    30,
    "threads",
  );
  assert.deepEqual("evidence" in broken && [broken.evidence.length, broken.evidence.at(-1)], [
    11,
    "and 15 more",
  ]);
});

test("worst() lets what broke outweigh what is not known, and that what held", () => {
  const outcome = (...names: (keyof Outcomes)[]) => worst(names.map((name) => [name, one[name]])).outcome;
  assert.equal(outcome("held", "unknown", "broken", "skipped"), "broken");
  assert.equal(outcome("held", "unknown", "skipped"), "unknown");
  assert.equal(outcome("skipped", "held"), "held");
  assert.equal(outcome("skipped", "skipped"), "skipped");
});

test("worst() of nothing is not known", () => {
  assert.deepEqual(worst([]), unknown("nothing was measured"));
});

test("worst() names the one, and keeps what the others measured as evidence", () => {
  const measure = worst([
    ["first", one.held],
    ["second", one.broken],
    ["third", one.unknown],
  ]);
  assert.equal("measured" in measure && measure.measured, "3 (second)");
  assert.deepEqual("evidence" in measure && measure.evidence, [
    "first: 1",
    "second: 3",
    "third: unknown: no gauge",
    "the third",
  ]);
});

/** Tests of trend.ts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../stress/random.ts";
import { fitTrend } from "./trend.ts";

test("fitTrend() finds a line exactly", () => {
  const trend = fitTrend([0, 1, 2, 3, 4, 5, 6, 7].map((x) => [x, 3 * x + 5]));
  assert.deepEqual(trend, { slope: 3, lower: 3, upper: 3 });
});

test("fitTrend() is not moved by one wild reading", () => {
  const trend = fitTrend([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((x) => [x, x === 4 ? 1000 : 2 * x]));
  assert.ok(trend && Math.abs(trend.slope - 2) < 0.01, JSON.stringify(trend));
});

test("fitTrend() calls noise without growth growing at most once in fifty", () => {
  const random = createRandom(5);
  let growing = 0;
  for (let run = 0; run < 1000; run++) {
    const trend = fitTrend(Array.from({ length: 10 }, (_, x) => [x, random()]));
    if (trend && trend.lower > 0) growing++;
  }
  // one-sided 1 % of 1000, and three standard deviations
  assert.ok(growing <= 20, `${growing} of 1000`);
});

test("fitTrend() says nothing about a single point", () => {
  assert.equal(fitTrend([[1, 1]]), null);
  assert.equal(fitTrend([]), null);
});

/** The interval of a percentile covers it as often as it says, and admits where readings do not reach. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../stress/random.ts";
import { percentileInterval } from "./percentile-interval.ts";

test("percentileInterval() covers the true percentile of a skewed distribution in 98 of 100 samples, and is no wider than need be", () => {
  const random = createRandom(1);
  for (const quantile of [0.5, 0.95]) {
    // of an exponential distribution
    const truth = -Math.log(1 - quantile);
    let covered = 0;
    for (let round = 0; round < 1000; round++) {
      const values = Array.from({ length: 200 }, () => -Math.log(1 - random()));
      const { low, high } = percentileInterval(values, quantile);
      if (low <= truth && truth <= high) covered++;
    }
    assert.ok(covered >= 960 && covered < 1000, `${quantile}: ${covered} of 1000`);
  }
});

test("percentileInterval() has no end where so few readings do not reach", () => {
  assert.deepEqual(percentileInterval([1, 2, 3], 0.99), { low: 2, high: Number.POSITIVE_INFINITY });
  assert.deepEqual(percentileInterval([5], 0.5), { low: -Infinity, high: Infinity });
});

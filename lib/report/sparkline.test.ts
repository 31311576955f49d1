/** A curve in a word keeps its shape, its gaps and its spikes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sparkline, thin } from "./sparkline.ts";

test("sparkline() goes from the least to the most, and lies low where nothing changes", () => {
  assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8), "▁▂▃▄▅▆▇█");
  assert.equal(sparkline([5, 5, 5], 8), "▁▁▁");
  assert.equal(sparkline([1, null, 3], 8), "▁ █");
  assert.equal(sparkline([], 8), "");
});

test("thin() loses no spike, however many values stand in a column", () => {
  const values = Array.from({ length: 1000 }, (_, index) => (index === 617 ? 99 : 1));
  assert.deepEqual(thin(values, 10), [1, 1, 1, 1, 1, 1, 99, 1, 1, 1]);
  assert.deepEqual(thin([null, null, 1, null], 2), [null, 1]);
});

/** Order statistics of lists that are empty, short, unsorted or very long. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { maximum, median, minimum, percentile } from "./summary.ts";

test("percentile(), median(), maximum() and minimum() have nothing to say of nothing", () => {
  for (const answer of [percentile([], 0.99), median([]), maximum([]), minimum([])])
    assert.equal(answer, null);
});

test("percentile() answers a value that was measured, by the nearest rank", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  const expected = [
    [0, 1],
    [0.01, 1],
    [0.5, 50],
    [0.99, 99],
    [0.991, 100],
    [1, 100],
  ] as const;
  for (const [share, value] of expected) assert.equal(percentile(hundred, share), value, `${share}`);
  assert.equal(percentile([7], 0.99), 7);
});

test("percentile() and median() order numbers as numbers, and leave the list as it was", () => {
  const values = [100, 9, -1];
  assert.equal(percentile(values, 1), 100);
  assert.equal(median(values), 9);
  assert.deepEqual(values, [100, 9, -1]);
});

test("median() of an even number lies between the middle two", () => {
  assert.equal(median([4, 1, 3, 2]), 2.5);
});

test("maximum() and minimum() take more values than a call takes arguments", () => {
  const many = Array.from({ length: 500_000 }, (_, index) => index - 250_000);
  assert.equal(maximum(many), 249_999);
  assert.equal(minimum(many), -250_000);
});

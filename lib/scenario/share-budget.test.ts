/** Tests of share-budget.ts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keptBack, shareBudget } from "./share-budget.ts";

const claims = [
  { leastMs: 1000, fullMs: 11_000 },
  { leastMs: 2000, fullMs: 2000 },
  { leastMs: 3000, fullMs: 23_000 },
];

test("shareBudget() gives everyone its full size when there is enough", () => {
  assert.deepEqual(shareBudget(60_000, claims), [11_000, 2000, 23_000]);
});

test("shareBudget() spends exactly the budget when there is not, and nobody gets less than its smallest size", () => {
  const shares = shareBudget(21_000, claims);
  assert.deepEqual(shares, [6000, 2000, 13_000]);
});

test("shareBudget() leaves out what does not fit any more, and still runs what does", () => {
  assert.deepEqual(shareBudget(4500, claims), [1000, 2000, null]);
  assert.deepEqual(shareBudget(500, claims), [null, null, null]);
});

test("keptBack() keeps for those after the next one what each may go beyond its smallest size, or half of what is spare", () => {
  const [first, second, third] = [
    { leastMs: 10_000, fullMs: 100_000 },
    { leastMs: 20_000, fullMs: 20_000 },
    { leastMs: 12_000, fullMs: 12_000 },
  ];
  assert.equal(keptBack(142_000, [first, second, third]), 2000 + 5000 + 2000 + 3000);
  assert.equal(keptBack(62_000, [first, second, third]), 10_000);
  assert.equal(keptBack(30_000, [first, second, third]), 0);
  assert.equal(keptBack(30_000, [third]), 0);
});

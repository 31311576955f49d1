/** Tests of plateau.ts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { largestRise, variationOnce } from "./plateau.ts";

test("largestRise() sees the climb after the lowest point, and no fall", () => {
  assert.equal(largestRise([5, 3, 9, 4, 8]), 6);
  assert.equal(largestRise([9, 7, 5]), 0);
  assert.equal(largestRise([]), 0);
});

test("variationOnce() looks from the first full reading on", () => {
  assert.equal(variationOnce([0, 500, 1000, 990, 1000], 1000), 10);
  assert.equal(variationOnce([0, 500, 1000, 400], 1000), 600);
  assert.equal(variationOnce([0, 500], 1000), null);
});

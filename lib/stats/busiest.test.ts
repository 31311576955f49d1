/** The busiest window is found wherever it lies, and its ends belong to it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { countBusiest } from "./busiest.ts";

test("countBusiest() finds the most that lie in one window, whatever their order", () => {
  assert.equal(countBusiest([], 10), 0);
  assert.equal(countBusiest([5], 0), 1);
  assert.equal(countBusiest([300, 0, 100, 200], 99), 1);
  assert.equal(countBusiest([300, 0, 100, 200], 100), 2);
  assert.equal(countBusiest([0, 50, 51, 52, 53, 200, 201], 3), 4);
  assert.equal(countBusiest([7, 7, 7], 0), 3);
});

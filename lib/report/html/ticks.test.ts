/** Axes are told in round numbers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB } from "../../units.ts";
import { ticks } from "./ticks.ts";

test("ticks() are round in their unit", () => {
  assert.deepEqual(
    ticks(0, 110 * MIB, "bytes", 4),
    [0, 32, 64, 96].map((mib) => mib * MIB),
  );
  assert.deepEqual(ticks(0, 66_000, "ms", 6), [0, 15_000, 30_000, 45_000, 60_000]);
  assert.deepEqual(ticks(0, 7, "count", 4), [0, 2, 4, 6]);
  assert.deepEqual(
    ticks(0, 1, "share", 4).map((tick) => tick.toFixed(1)),
    ["0.0", "0.5", "1.0"],
  );
  assert.deepEqual(
    ticks(0, 3_600_000, "ms", 6),
    [0, 10, 20, 30, 40, 50, 60].map((minutes) => minutes * 60_000),
  );
});

test("ticks() of a count are whole, and there are never more than asked for and one", () => {
  assert.deepEqual(ticks(0, 1, "count", 4), [0, 1]);
  for (const high of [1, 3, 9, 47, 120, 1e3, 1e6, 7.3e8])
    for (const unit of ["bytes", "ms", "share", "count"] as const)
      assert.ok(ticks(0, high, unit, 5).length <= 6, `${high} ${unit}`);
});

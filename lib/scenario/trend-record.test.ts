/** The lines that a report draws of a trend are those that the verdict was given by. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeChannel } from "../stats/channel.ts";
import type { Point } from "../stats/floors.ts";
import { recordTrend } from "./trend-record.ts";

/** A reading a cycle, of 10 ms each. */
function recordMade(read: (cycle: number) => number, cycles = 480) {
  const points = Array.from({ length: cycles }, (_, cycle): Point => [cycle, cycle * 10, read(cycle)]);
  return recordTrend(judgeChannel({ kind: "count", name: "descriptors", points }), "cycle");
}

test("recordTrend() draws a straight growth through its floors, with an interval that turns about its middle", () => {
  const { unit, per, floors, lines, slope, low, high } = recordMade((cycle) => 30 + cycle);
  assert.deepEqual([unit, per, slope, low, high], ["count", "cycle", 1, 1, 1]);
  const [first, last] = [floors[0], floors.at(-1)];
  assert.ok(first && last && lines);
  assert.deepEqual(lines.fitted, [first[1], last[1]]);
  assert.deepEqual(lines.low, lines.fitted);
  assert.equal(last[0], 10 * (last[1] - 30), "floors stand at the time at which they were read");
});

test("recordTrend() draws the interval of a noisy series wider than its line", () => {
  const { lines, low, high, slope } = recordMade((cycle) => 30 + cycle / 100 + 20 * Math.sin(cycle * cycle));
  assert.ok(lines && slope !== null && low !== null && high !== null && low < slope && slope < high);
  assert.ok(lines.low[1] < lines.fitted[1] && lines.fitted[1] < lines.high[1]);
  assert.ok(lines.high[0] < lines.fitted[0] && lines.fitted[0] < lines.low[0]);
});

test("recordTrend() has no line where there is nothing to draw one through", () => {
  const { lines, floors, slope } = recordMade(() => 30, 3);
  assert.deepEqual([lines, slope], [null, null]);
  assert.ok(floors.length < 5);
});

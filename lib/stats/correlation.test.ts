/** A series that follows another, one that does not, and how wide the interval has to be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../stress/random.ts";
import { correlate } from "./correlation.ts";

/** Down for ten of every forty steps. */
const outages = (steps: number) => Array.from({ length: steps }, (_, step) => (step % 40 < 10 ? 0 : 1));
const later = (series: readonly number[], by: number) => series.map((_, index) => series[index - by] ?? 1);

test("what follows with a delay is found, at that delay", () => {
  const database = outages(160);
  const found = correlate(database, later(database, 6), 12);
  assert.ok(found && found.r > 0.95 && found.lag === 6 && found.low > 0, JSON.stringify(found));
});

test("what never changes follows nothing", () => {
  assert.equal(correlate(outages(160), Array(160).fill(1), 12), null);
});

test("one outage alone is too little to tell", () => {
  const database = outages(40);
  const found = correlate(database, later(database, 3), 12);
  assert.ok(found && found.low < 0, JSON.stringify(found));
});

/** Up or down for some time, by chance. */
function wander(random: () => number, steps: number): number[] {
  let now = 1;
  return Array.from({ length: steps }, () => {
    if (random() < 0.1) now = 1 - now;
    return now;
  });
}

test("of 500 pairs that have nothing to do with each other hardly any seems to follow, at no delay", () => {
  const random = createRandom(7);
  const seeming = Array.from({ length: 500 }, () => correlate(wander(random, 200), wander(random, 200), 0));
  const wrong = seeming.filter((found) => found !== null && found.low > 0).length;
  // 1 % were exact for series without end
  assert.ok(wrong <= 15, `${wrong}`);
});

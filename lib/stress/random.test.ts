/** Tests of random.ts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "./random.ts";

test("createRandom() repeats its numbers for a seed and gives others for another", () => {
  const take = (seed: number) => Array.from({ length: 5 }, createRandom(seed));
  assert.deepEqual(take(7), take(7));
  assert.notDeepEqual(take(7), take(8));
});

test("createRandom() fills 0..1 evenly", () => {
  const random = createRandom(1);
  const counts = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 100_000; draw++) counts[Math.floor(random() * 10)]!++;
  // ± 5 standard deviations of a binomial with p = 0.1
  for (const count of counts)
    assert.ok(Math.abs(count - 10_000) < 5 * Math.sqrt(9000), `${count} of 100000 in a tenth`);
});

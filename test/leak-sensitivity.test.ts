/** What the bench makes of soaks: a leak that is not found in time, a false alarm and a wrong "level" are misses, and nothing else is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findMisses, renderLive } from "../bench/leak-sensitivity/live-table.ts";
import { listPlants, type Plant } from "../bench/leak-sensitivity/plants.ts";
import { replaySoak } from "../bench/leak-sensitivity/replay.ts";
import { makeCheckpoints } from "../lib/scenario/fixtures/made-up.ts";
import type { Checkpoint } from "../lib/scenario/target-watch.ts";
import { readCommandLine } from "../targets/hub/settings.ts";

const PLANTS = listPlants();

/** 20 cycles in 3 s, to the end of its run. */
function replay(plant: Plant, change?: (index: number) => Partial<Checkpoint>) {
  return replaySoak(plant, { checkpoints: makeCheckpoints(1 + Math.ceil(plant.seconds / 3), change) });
}

function findPlant(name: string): Plant {
  const plant = PLANTS.find((candidate) => candidate.name === name);
  assert.ok(plant, name);
  return plant;
}

const grow = (bytesPerCycle: number) => (index: number) => ({
  liveBytes: 10 * 2 ** 20 + 20 * bytesPerCycle * index,
});

test("listPlants() asks for nothing that the hub would refuse", () => {
  for (const { name, words } of PLANTS) {
    const hub = words.flatMap((word) => (word.startsWith("--hub=") ? word.slice(6).split(" ") : []));
    const fault = words.indexOf("--fault");
    const own = fault < 0 ? [] : words.slice(fault, fault + 2);
    assert.ok("settings" in readCommandLine([...own, ...hub], {}), name);
  }
});

test("replaySoak() judges a leak at each mark of its run, and says from when on it was told", () => {
  const run = replay(findPlant("1 KiB on the heap"), grow(4096));
  assert.deepEqual(run.verdicts, { 60: "growing", 90: "growing" });
  assert.deepEqual(run.growing, ["live bytes"]);
  assert.ok(run.toldAfterMs !== null && run.toldAfterMs >= 58_800 && run.toldAfterMs < 66_000);
  assert.ok(run.endedAfterMs !== null && run.endedAfterMs >= 66_000 && run.endedAfterMs < 80_000);
  assert.equal(Math.round(run.channel?.slopePerCycle ?? 0), 4096);
});

test("replaySoak() refuses what is no soak", () => {
  assert.throws(() => replaySoak(findPlant("the hub"), { checkpoints: [{ cycle: "one" }] }));
});

test("findMisses() has nothing to say of leaks that were found and of health that was spared", () => {
  const leak = findPlant("4 KiB on the heap");
  const health = findPlant("the hub");
  const runs = [replay(leak, grow(4096)), replay(health)];
  const result = { plants: [leak, health], runs, failed: [] };
  assert.deepEqual(findMisses(result), []);
  assert.match(renderLive(result), /^4 KiB on the heap +found in 60 s +1 +1 \/ 0 \/ 0 .* 4 KiB /m);
  assert.match(renderLive(result), /^the hub +spared +1( +0 \/ 0 \/ 1){3} +–/m);
});

test("findMisses() tells a leak that was not found, or by another name", () => {
  const leak = findPlant("1 descriptor in 50");
  const runs = [replay(leak), replay(leak, grow(4096))];
  const misses = findMisses({ plants: [leak], runs, failed: [] });
  const wrong = /^1 descriptor in 50: called level, with no leak above 0\.01\d+, and it keeps 0\.02$/;
  assert.deepEqual(
    misses.filter((miss) => !wrong.test(miss)),
    ["1 descriptor in 50: level in 120 s", "1 descriptor in 50: growing in 120 s, by live bytes"],
  );
  assert.equal(misses.length, 4);
});

test("findMisses() tells a false alarm, also one that a longer run would have taken back", () => {
  const health = findPlant("cache-to-bound");
  // it fills for 69 s, which is more than a third of any of these runs
  const runs = [replay(health, (index) => grow(4096)(Math.min(index, 23)))];
  assert.equal(runs[0]?.verdicts[120] === "growing", false);
  const misses = findMisses({ plants: [health], runs, failed: [] });
  assert.deepEqual(misses, ["False alarm: cache-to-bound is healthy, and its live bytes was called growing"]);
});

test("findMisses() tells a leak that was called level though it is larger than what that excludes", () => {
  const leak = findPlant("256 B on the heap");
  const excluding = (smallestLeakExcluded: number) => {
    const channel = {
      name: "live bytes",
      verdict: "level",
      slopePerCycle: 256,
      low: 250,
      high: 260,
    } as const;
    return { ...replay(leak), channel: { ...channel, smallestLeakExcluded } };
  };
  const told = [400, 200].map((bytes) =>
    findMisses({ plants: [leak], runs: [excluding(bytes)], failed: [] }),
  );
  assert.deepEqual(told, [[], ["256 B on the heap: called level, with no leak above 200, and it keeps 256"]]);
});

test("findMisses() tells a run that could not be judged: silence is no success", () => {
  assert.deepEqual(
    findMisses({ plants: PLANTS, runs: [], failed: ["the hub: it was killed"] }).length > 0,
    true,
  );
  const [first] = PLANTS;
  assert.ok(first);
  assert.deepEqual(findMisses({ plants: [first], runs: [], failed: [] }), [
    `${first.name}: no run of it was judged`,
  ]);
});

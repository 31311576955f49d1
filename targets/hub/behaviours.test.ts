/** Each behaviour does what it is named for, and each ends at a bound. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { getHeapCodeStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Behaviour, startBehaviour } from "./behaviours.ts";
import type { BehaviourName } from "./faults.ts";
import { createTimers } from "./timers.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const MIB = 2 ** 20;
/** Until the test has measured it. */
const kept: Behaviour[] = [];

/** A behaviour in a time of its own. */
function start(name: BehaviourName) {
  const due: { atMs: number; everyMs: number | null; work: () => void }[] = [];
  let nowMs = 0;
  const add = (atMs: number, everyMs: number | null, work: () => void) => {
    const timer = { atMs, everyMs, work };
    due.push(timer);
    return () => void (due.includes(timer) && due.splice(due.indexOf(timer), 1));
  };
  const timers = {
    every: (ms: number, work: () => void) => add(nowMs + ms, ms, work),
    after: (ms: number, work: () => void) => add(nowMs + ms, null, work),
  };
  const behaviour = startBehaviour(name, timers, () => nowMs);
  kept.push(behaviour);
  return {
    behaviour,
    due,
    /** Time passes up to and with that moment, with a batch every 100 ms. */
    until(endMs: number) {
      for (; nowMs <= endMs; nowMs += 100) {
        for (const timer of due.filter(({ atMs }) => atMs <= nowMs)) {
          if (timer.everyMs === null) due.splice(due.indexOf(timer), 1);
          else timer.atMs += timer.everyMs;
          timer.work();
        }
        behaviour.batch?.();
      }
    },
  };
}

/** What is alive above what was alive at the start of the test. */
let aliveBefore = 0;
function alive(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
const grownMiB = () => (alive() - aliveBefore) / MIB;

describe("startBehaviour()", () => {
  beforeEach(() => {
    kept.length = 0;
    aliveBefore = alive();
  });

  test("cache-to-bound fills 16 MiB in 10 s, and no more", () => {
    const { until } = start("cache-to-bound");
    for (const [ms, mib] of [
      [5000, 8],
      [10_000, 16],
      [30_000, 16],
    ] as const) {
      until(ms);
      assert.ok(Math.abs(grownMiB() - mib) < 1, `${grownMiB()}`);
    }
  });

  test("bursts holds 8, 16, 24 MiB for a second, every five", () => {
    const { until } = start("bursts");
    for (const [index, mib] of [8, 16, 24, 8].entries()) {
      const atMs = 5000 * (index + 1);
      until(atMs - 100);
      assert.ok(grownMiB() < 1, `before ${mib}: ${grownMiB()}`);
      until(atMs + 900);
      assert.ok(Math.abs(grownMiB() - mib) < 1, `${mib}: ${grownMiB()}`);
      until(atMs + 1000);
      assert.ok(grownMiB() < 1, `after ${mib}: ${grownMiB()}`);
    }
  });

  test("memory-falls has 32 MiB, lets go bit by bit, and then rests", () => {
    const { until, due } = start("memory-falls");
    assert.ok(Math.abs(grownMiB() - 32) < 1, `${grownMiB()}`);
    until(8000);
    assert.ok(Math.abs(grownMiB() - 16) < 1, `${grownMiB()}`);
    until(17_000);
    assert.ok(grownMiB() < 1, `${grownMiB()}`);
    assert.equal(due.length, 0);
  });

  test("jit-warm-up makes machine code in 10 s, and then no more", () => {
    const codeBytes = () => getHeapCodeStatistics().code_and_metadata_size;
    const { until, due } = start("jit-warm-up");
    const before = codeBytes();
    until(10_000);
    assert.equal(due.length, 0);
    assert.ok(codeBytes() - before > 100_000, `${codeBytes() - before}`);
  });

  test("pool-to-maximum has 32 descriptors and timers after 10 s, never more, and gives them back", async () => {
    const { until, due, behaviour } = start("pool-to-maximum");
    until(5000);
    // and the one that makes them
    assert.equal(due.length, 17);
    until(30_000);
    assert.equal(due.length, 32);
    behaviour.close?.();
  });

  test("sawtooth makes half a mebibyte of garbage for each batch, of which little lives", () => {
    const { behaviour } = start("sawtooth");
    const before = process.memoryUsage().heapUsed;
    for (let batch = 0; batch < 8; batch++) behaviour.batch?.();
    assert.ok(process.memoryUsage().heapUsed - before > MIB / 2);
    for (let batch = 0; batch < 500; batch++) behaviour.batch?.();
    assert.ok(grownMiB() < 2, `${grownMiB()}`);
  });
});

test("createTimers() counts what is alive, and clears all", async () => {
  const timers = createTimers();
  const stop = timers.every(1000, () => {});
  await new Promise<void>((resolve) => timers.after(1, resolve));
  assert.equal(timers.live, 1);
  timers.after(60_000, () => {});
  stop();
  stop();
  assert.equal(timers.live, 1);
  timers.clearAll();
  assert.equal(timers.live, 0);
});

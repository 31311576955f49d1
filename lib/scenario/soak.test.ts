/** A soak keeps its pace, counts what fails, looks at quiet points, and ends when it has to or, if asked, when it knows enough. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { makeCheckpoints } from "./fixtures/made-up.ts";
import { type SoakSettings, soak } from "./soak.ts";
import type { Checkpoint } from "./target-watch.ts";

/** Of a run of minutes, whatever the clock says: one for each time that it is asked. */
function replay(change?: (index: number) => Partial<Checkpoint>) {
  const taken = makeCheckpoints(200, change);
  const cycles: number[] = [];
  const checkpoint = async (cycle: number) => {
    cycles.push(cycle);
    return { ...(taken[cycles.length - 1] as Checkpoint), cycle };
  };
  return { checkpoint, cycles };
}

function soakFor(more: Partial<SoakSettings> = {}) {
  return soak({
    durationMs: 300,
    cycleMs: 2,
    visit: async () => {},
    checkpoint: replay().checkpoint,
    rebase: async () => {},
    conditions: { warmUpMs: null, growthLimitBytes: 50e6 },
    stopEarly: false,
    signal: new AbortController().signal,
    ...more,
  });
}

test("soak() looks before the first visit, after every 20 and once at the end", async () => {
  const { checkpoint, cycles } = replay();
  const { visits, failed, checkpoints, endedEarly } = await soakFor({ durationMs: 800, checkpoint });
  const before = cycles.slice(0, -1);
  assert.deepEqual(
    before,
    before.map((_, index) => index * 20),
  );
  assert.deepEqual([cycles.at(-1), failed, endedEarly], [visits, 0, false]);
  assert.equal(checkpoints.length, cycles.length);
  assert.ok(before.length >= 2, `${visits} visits`);
});

test("soak() tells once that the server has warmed up: after a third of the run, or what was declared", async () => {
  for (const [warmUpMs, dueMs] of [
    [null, 100],
    [200, 200],
  ] as const) {
    const startMs = performance.now();
    const toldMs: number[] = [];
    const rebase = async () => {
      toldMs.push(performance.now() - startMs);
    };
    await soakFor({ rebase, conditions: { warmUpMs, growthLimitBytes: 50e6 } });
    assert.equal(toldMs.length, 1);
    assert.ok((toldMs[0] ?? 0) >= dueMs, `after ${toldMs[0]} ms`);
  }
});

test("soak() looks at a long run no more often than a verdict can use", async () => {
  const { checkpoint, cycles } = replay();
  const ender = new AbortController();
  let visits = 0;
  const visit = async () => {
    if (++visits === 130) ender.abort();
  };
  // a tenth of a millisecond for each of 36 000 cycles: 60 of them between two looks
  await soakFor({ durationMs: 3600, cycleMs: 0.1, checkpoint, visit, signal: ender.signal });
  assert.deepEqual(cycles, [0, 60, 120]);
});

/** A server that is collected for 100 ms. */
function makeDear() {
  const { checkpoint, cycles } = replay();
  const dear = async (cycle: number) => {
    await delay(100);
    return checkpoint(cycle);
  };
  return { checkpoint: dear, findGaps: () => cycles.slice(1).map((cycle, at) => cycle - (cycles[at] ?? 0)) };
}

test("soak() looks less often where a look is dear", async () => {
  const { checkpoint, findGaps } = makeDear();
  await soakFor({ durationMs: 600_000, checkpoint, signal: AbortSignal.timeout(1800) });
  assert.ok(
    findGaps().some((gap) => gap > 20),
    String(findGaps()),
  );
});

test("soak() looks often enough for a verdict, however dear a look is", async () => {
  const { checkpoint, findGaps } = makeDear();
  await soakFor({ durationMs: 800, checkpoint });
  const before = findGaps().slice(0, -1);
  assert.ok(
    before.every((gap) => gap === 20),
    String(before),
  );
});

test("soak() counts visits that fail, most of the same kind together, and goes on", async () => {
  let asked = 0;
  const visit = async () => {
    if (++asked % 2 === 0) throw new Error("HTTP 500");
  };
  const { visits, failed, failures } = await soakFor({ visit });
  assert.deepEqual([visits + failed, failed], [asked, Math.floor(asked / 2)]);
  assert.deepEqual(failures, [`${failed} × HTTP 500`]);
});

test("soak() tells of many kinds of failure the five most frequent", async () => {
  const ender = new AbortController();
  let asked = 0;
  const visit = async () => {
    if (++asked === 30) ender.abort();
    throw new Error(asked > 20 && asked % 2 === 0 ? "often" : `kind ${asked}`);
  };
  const { failures } = await soakFor({ durationMs: 60_000, visit, signal: ender.signal });
  assert.deepEqual([failures.length, failures[0]], [5, "5 × often"]);
});

test("soak() does not make up for a late visit by hurrying afterwards", async () => {
  const startedMs: number[] = [];
  const visit = async () => {
    startedMs.push(performance.now());
    if (startedMs.length === 3) await delay(120);
  };
  await soakFor({ cycleMs: 20, visit });
  const [, , late = 0, next = 0] = startedMs;
  assert.ok(next - late >= 119, `${next - late} ms`);
  // six more, if those that were missed were made up for
  assert.ok(startedMs.length <= 12, `${startedMs.length} visits`);
});

test("soak() ends as soon as it is interrupted, also in the middle of a rest, and looks no more", async () => {
  const { checkpoint, cycles } = replay();
  const ender = new AbortController();
  const visit = async () => {
    setImmediate(() => ender.abort());
  };
  const { visits } = await soakFor({
    durationMs: 3_600_000,
    cycleMs: 1_800_000,
    visit,
    checkpoint,
    signal: ender.signal,
  });
  assert.deepEqual([visits, cycles], [1, [0]]);
});

const leak = (index: number) => ({ descriptors: 30 + index });

test("soak() ends early, if asked to, when two looks agree on what leaks", async () => {
  const soaked = await soakFor({
    durationMs: 6000,
    cycleMs: 0.5,
    stopEarly: true,
    checkpoint: replay(leak).checkpoint,
  });
  assert.equal(soaked.endedEarly, true);
  const lastMs = soaked.checkpoints.at(-2)?.atMs ?? 0;
  assert.ok(lastMs >= 60_000 && lastMs < 100_000, `at ${lastMs} ms`);
});

test("soak() goes on to the end where nobody asked, and where nothing leaks: level is worth the whole run", async () => {
  const short = { durationMs: 1000, cycleMs: 1 };
  const asked = await soakFor({ ...short, stopEarly: true });
  const unasked = await soakFor({ ...short, checkpoint: replay(leak).checkpoint });
  for (const { endedEarly, lastedMs } of [asked, unasked])
    assert.deepEqual([endedEarly, lastedMs >= 1000], [false, true]);
});

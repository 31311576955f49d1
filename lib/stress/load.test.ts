/** Loads on real worker threads: one that obeys, and one with each fault, seen for what it is. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type * as ignoreRelease from "./fixtures/ignore-release.ts";
import type * as obey from "./fixtures/obey.ts";
import type * as throwError from "./fixtures/throw-error.ts";
import type * as workOn from "./fixtures/work-on.ts";
import { type AnyLoad, createStress, readLedger, type StressSettings } from "./load.ts";

const GENEROUS_MS = 60_000;

/** Starts loads from the fixtures; whatever a test leaves is let go when it ends. */
function stressing(t: TestContext, settings: Partial<StressSettings> = {}) {
  const loads: AnyLoad[] = [];
  t.after(() => Promise.all(loads.map((load) => load.release())));
  const stress = createStress({
    workerFile: (worker) => new URL(`./fixtures/${worker}.ts`, import.meta.url),
    graceMs: () => GENEROUS_MS,
    longestMs: GENEROUS_MS,
    onLoad: (load) => loads.push(load),
    ...settings,
  });
  return { stress, loads };
}

const tasks = [{ amount: 30 }, { amount: 12 }];

test("createStress() starts a worker for each task, and says what was asked for, held and applied", async (t) => {
  const { stress, loads } = stressing(t);
  const load = await stress<typeof obey>("obey", { unit: "count", tasks });
  assert.deepEqual(loads, [load]);
  await load.acquire();
  assert.deepEqual(
    [load.name, load.unit, load.asked, load.held, load.mayDie],
    ["obey", "count", 42, 42, false],
  );
  assert.deepEqual(await load.release(), [
    { ended: "released", by: "release", held: 30, applied: { taken: 30, over: true } },
    { ended: "released", by: "release", held: 12, applied: { taken: 12, over: true } },
  ]);
  assert.deepEqual([load.held, load.outcomes.length], [0, 2]);
});

test("release() destroys a worker that ignores the flag, says forced, and counts it as holding nothing", async (t) => {
  const { stress } = stressing(t, { graceMs: () => 50 });
  const load = await stress<typeof ignoreRelease>("ignore-release", {
    unit: "bytes",
    tasks: [{ amount: 7 }],
  });
  await load.acquire();
  assert.equal(load.held, 7);
  assert.deepEqual(await load.release(), [{ ended: "forced", held: 7 }]);
  assert.equal(load.held, 0);
});

test("release() lets the obedient go while it destroys the other", async (t) => {
  const { stress } = stressing(t, { graceMs: () => 500 });
  const good = await stress<typeof obey>("obey", { unit: "count", tasks: [{ amount: 1 }] });
  const bad = await stress<typeof ignoreRelease>("ignore-release", { unit: "count", tasks: [{ amount: 1 }] });
  await Promise.all([good.acquire(), bad.acquire()]);
  const [[released], [forced]] = await Promise.all([good.release(), bad.release()]);
  assert.deepEqual([released?.ended, forced?.ended], ["released", "forced"]);
});

test("acquire() resolves when a worker has died, and release() says of what and with how much", async (t) => {
  const { stress } = stressing(t);
  const load = await stress<typeof throwError>("throw-error", {
    unit: "bytes",
    tasks: [{ amount: 9 }],
    mayDie: true,
  });
  await load.acquire();
  assert.deepEqual([load.held, load.mayDie], [0, true]);
  assert.deepEqual(await load.release(), [{ ended: "died", held: 9, error: "planted" }]);
});

test("release() says died of a worker file that is not there", async (t) => {
  const { stress } = stressing(t);
  const load = await stress<typeof obey>("not-there", { unit: "count", tasks: [{ amount: 1 }] });
  await load.acquire();
  const [outcome] = await load.release();
  assert.match(outcome?.ended === "died" ? outcome.error : "", /not-there/);
});

test("a worker lets go at its own deadline, though nobody has asked it to", async (t) => {
  const { stress } = stressing(t, { longestMs: 500 });
  const load = await stress<typeof obey>("obey", { unit: "count", tasks: [{ amount: 5 }] });
  await ended(load);
  const [outcome] = load.outcomes;
  assert.deepEqual(outcome?.ended === "released" && [outcome.by, outcome.applied], [
    "deadline",
    { taken: 5, over: true },
  ]);
});

test("a worker that ignores its own deadline too is destroyed, though nobody has asked it to let go", async (t) => {
  // its time is up when the test says so: a thread may take long to start on a busy box
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { stress } = stressing(t);
  const load = await stress<typeof ignoreRelease>("ignore-release", {
    unit: "count",
    tasks: [{ amount: 5 }],
  });
  await load.acquire();
  t.mock.timers.tick(2 * GENEROUS_MS - 1);
  await nextTurn();
  assert.deepEqual(load.outcomes, []);
  t.mock.timers.tick(1);
  await ended(load);
  assert.deepEqual(load.outcomes, [{ ended: "forced", held: 5 }]);
});

test("letGo() ends the pause of a worker that works while it holds", async (t) => {
  const { stress } = stressing(t);
  const load = await stress<typeof workOn>("work-on", { unit: "count", tasks: [{ amount: 1 }] });
  await load.acquire();
  load.letGo();
  const [outcome] = await load.release();
  assert.equal(outcome?.ended === "released" && outcome.by, "release");
  assert.equal(outcome?.ended === "released" && outcome.applied.rounds <= 1, true);
});

test("release() may be called twice, and tells the same", async (t) => {
  const { stress } = stressing(t);
  const load = await stress<typeof obey>("obey", { unit: "count", tasks: [{ amount: 1 }] });
  await load.acquire();
  assert.equal(await load.release(), await load.release());
});

test("readLedger() sums what loads of one name hold and were asked for", () => {
  const load = (name: string, asked: number, held: number): AnyLoad => ({
    ...{ name, asked, held, unit: "bytes", mayDie: false, outcomes: [] },
    letGo: () => {},
    release: async () => [],
  });
  assert.deepEqual(readLedger([load("a", 5, 1), load("b", 7, 7), load("a", 5, 2)]), {
    a: { asked: 10, held: 3, unit: "bytes" },
    b: { asked: 7, held: 7, unit: "bytes" },
  });
  assert.deepEqual(readLedger([]), {});
});

/** There is no event for a worker that ends unasked: the sampler looks at each tick. */
async function ended(load: AnyLoad): Promise<void> {
  while (load.outcomes.length === 0) await nextTurn();
}

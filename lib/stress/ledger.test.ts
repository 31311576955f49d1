/** The ledger across a real worker thread: what one side writes, the other reads, and neither polls. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { Worker } from "node:worker_threads";
import { createLedger, type Ledger, SlotState } from "./ledger.ts";

/** Runs a few lines on a thread of its own, with `ledger` in their hands. */
function onThread(t: TestContext, ledger: Ledger, code: string): Worker {
  const module = `
    const { register } = await import("tsx/esm/api");
    register();
    const { workerData } = await import("node:worker_threads");
    const { Ledger, SlotState } = await import(workerData.url);
    const ledger = new Ledger(workerData.buffer);
    ${code}`;
  const worker = new Worker(`import("node:vm"); (async () => { ${module} })();`, {
    eval: true,
    workerData: { buffer: ledger.buffer, url: new URL("./ledger.ts", import.meta.url).href },
  });
  t.after(() => worker.terminate());
  return worker;
}

test("createLedger() makes slots that wait, hold nothing, and do not touch one another", () => {
  const ledger = createLedger(3);
  assert.equal(ledger.slots, 3);
  assert.deepEqual([ledger.state(0), ledger.held(2), ledger.totalHeld()], [0, 0, 0]);
  ledger.setHeld(0, 2 ** 40 + 0.5);
  ledger.setHeld(2, 1);
  ledger.setState(1, SlotState.ended);
  assert.deepEqual(
    [0, 1, 2].map((slot) => ledger.held(slot)),
    [2 ** 40 + 0.5, 0, 1],
  );
  assert.deepEqual(
    [0, 1, 2].map((slot) => ledger.state(slot)),
    [0, SlotState.ended, 0],
  );
  assert.equal(ledger.totalHeld(), 2 ** 40 + 1.5);
  assert.equal(ledger.released, false);
});

test("reached() wakes the main thread when a worker says so, with what it holds", async (t) => {
  const ledger = createLedger(1);
  const worker = onThread(t, ledger, "ledger.setHeld(0, 42); ledger.setState(0, SlotState.holding);");
  await ledger.reached(SlotState.holding);
  assert.equal(ledger.held(0), 42);
  await once(worker, "exit");
});

test("reached() waits for every slot, and not for one that has gone further", async () => {
  const ledger = createLedger(2);
  let reached = false;
  const waiting = ledger.reached(SlotState.holding).then(() => {
    reached = true;
  });
  ledger.setState(0, SlotState.ended);
  ledger.setState(1, SlotState.acquiring);
  await new Promise(setImmediate);
  assert.equal(reached, false);
  ledger.setState(1, SlotState.holding);
  await waiting;
  await ledger.reached(SlotState.holding);
  assert.equal(reached, true);
});

test("waitForRelease() blocks a worker until the main thread releases, however long it would wait", async (t) => {
  const ledger = createLedger(1);
  const code = `
    ledger.setState(0, SlotState.holding);
    ledger.waitForRelease(60_000);
    ledger.setHeld(0, ledger.released ? 1 : -1);`;
  const worker = onThread(t, ledger, code);
  await ledger.reached(SlotState.holding);
  assert.equal(ledger.held(0), 0);
  ledger.release();
  await once(worker, "exit");
  assert.deepEqual([ledger.held(0), ledger.released], [1, true]);
});

test("waitForRelease() comes back by itself when its time is over, or when it is asked to wait none", async (t) => {
  const ledger = createLedger(1);
  const worker = onThread(
    t,
    ledger,
    "for (const ms of [20, 0, -5]) ledger.waitForRelease(ms); ledger.setHeld(0, 1);",
  );
  await once(worker, "exit");
  assert.deepEqual([ledger.held(0), ledger.released], [1, false]);
});

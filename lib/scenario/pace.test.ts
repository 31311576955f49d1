/** A steady pace: every message is due at its time, also when the sender was kept from sending; and without a rate, no more than is taken. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sendAtPace } from "./pace.ts";

const signal = new AbortController().signal;

test("sendAtPace() sends as many as are due, each due at its own time, whatever holds it up", async () => {
  const dueUs: number[] = [];
  const { sent, lateMs } = await sendAtPace({
    ...{ rate: 500, lastsMs: 300, taken: () => 0, signal },
    send(sequence, due) {
      assert.equal(sequence, dueUs.length);
      dueUs.push(due);
      if (sequence !== 20) return;
      const until = performance.now() + 100;
      while (performance.now() < until);
    },
  });
  assert.equal(sent, 150);
  for (const [index, due] of dueUs.entries())
    assert.ok(Math.abs(due - (dueUs[0] ?? 0) - index * 2000) < 2, `${index}`);
  assert.ok(lateMs >= 97, `${lateMs}: it was held up for 100 ms`);
});

test("sendAtPace() without a rate has no more under way than a few, and stops when it is told to", async () => {
  const control = new AbortController();
  let [sent, taken] = [0, 0];
  const paced = sendAtPace({
    ...{ rate: null, lastsMs: 60_000, taken: () => taken, signal: control.signal },
    send() {
      sent++;
      assert.ok(sent - taken <= 64, `${sent - taken}`);
      if (sent === 64) setImmediate(() => (taken = 64));
      if (sent === 128) control.abort();
    },
  });
  assert.equal((await paced).sent, 128);
});

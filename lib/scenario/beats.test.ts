/** Heartbeats as they are heard: a made-up clock, and every way in which they can be off. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeDistance, listenForBeats, listeningMs } from "./beats.ts";

const LIMITS = { every: 1000, tolerance: 0.1 };

/** What one client hears at these times, from 0 to `untilMs`. */
function hear(atMs: readonly number[], untilMs: number) {
  let now = 0;
  const listener = listenForBeats(1, () => now);
  for (const time of atMs) {
    now = time;
    listener.beat(0);
  }
  now = untilMs;
  const { heard, listenedMs } = listener.end();
  assert.equal(listenedMs, untilMs);
  return heard[0]!;
}

test("listenForBeats() tells the distance between beats, before the first and after the last", () => {
  assert.deepEqual(hear([500, 1500, 2400], 3000), { beats: 3, shortestMs: 900, longestMs: 1000 });
  assert.deepEqual(hear([1700, 2000], 2100), { beats: 2, shortestMs: 300, longestMs: 1700 });
  assert.deepEqual(hear([10], 3000), { beats: 1, shortestMs: null, longestMs: 2990 });
  assert.deepEqual(hear([], 3000), { beats: 0, shortestMs: null, longestMs: 3000 });
});

test("listenForBeats() counts a client's own, and passes over one that it was not told of", () => {
  const listener = listenForBeats(2, () => 0);
  for (const index of [1, 1, 7]) listener.beat(index);
  assert.deepEqual(
    listener.end().heard.map(({ beats }) => beats),
    [0, 2],
  );
});

test("listenForBeats() tells how late our own loop was", () => {
  const listener = listenForBeats(1);
  const untilMs = performance.now() + 120;
  return new Promise<void>((resolve) =>
    // its own timer has to have been due meanwhile, and to have run
    setTimeout(() => {
      while (performance.now() < untilMs);
      setTimeout(() => {
        const { ownLateMs } = listener.end();
        assert.ok(ownLateMs > 20 && ownLateMs < 10_000, `${ownLateMs}`);
        resolve();
      }, 30);
    }, 30),
  );
});

test("describeDistance() takes what is within the tolerance, and what may be ours", () => {
  const off = (atMs: readonly number[], spareMs = 0) => describeDistance(hear(atMs, 4000), LIMITS, spareMs);
  assert.equal(off([900, 1950, 3000]), null);
  assert.deepEqual(off([900, 2100, 3000]), { isLate: true, byMs: 200 });
  assert.deepEqual(off([900, 1700, 2700, 3700]), { isLate: false, byMs: 200 });
  assert.equal(off([900, 2100, 3000], 100), null);
});

test("listeningMs() is long enough, at whatever moment one begins, for beats that come as late as they may", () => {
  const limits = { ...LIMITS, beats: 3 };
  const lastsMs = listeningMs(limits);
  for (const first of [1, 500, 1099.9]) assert.ok(first + 2 * 1100 <= lastsMs, `${first}`);
});

/** A feeder that is late is told from a server that loses what it was fed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isFed, trackFeeding } from "./feeding.ts";

/** Ten at a time, each 10 ms, full with 50, kept for 100 ms. */
function feedFrom(atMs: readonly number[], tookMs = 0) {
  const feeding = trackFeeding(50, 100);
  for (const at of atMs) feeding.feed(10, at, at + tookMs);
  return feeding;
}
const every10 = (fromMs: number, toMs: number) =>
  Array.from({ length: (toMs - fromMs) / 10 }, (_, index) => fromMs + index * 10);

test("trackFeeding() is lean until enough was fed, and not again while it goes on", () => {
  assert.deepEqual(feedFrom(every10(0, 1000)).lean(1000), [{ fromMs: 0, toMs: 40 }]);
});

test("trackFeeding() is lean from the moment that too much of it is too old, to the one that makes up for it", () => {
  // full with the last five of 0 to 2000: the fifth last is too old at 2050
  const feeding = feedFrom([...every10(0, 2000), 2200, 2210, 2220, 2230, 2240, 2250]);
  assert.deepEqual(feeding.lean(2260), [
    { fromMs: 0, toMs: 40 },
    { fromMs: 2050, toMs: 2240 },
  ]);
});

test("trackFeeding() counts what took long from its first moment, and not at all where it took longer than it is kept", () => {
  assert.deepEqual(feedFrom(every10(0, 100), 60).lean(300), [{ fromMs: 0, toMs: 300 }]);
  assert.deepEqual(feedFrom(every10(0, 1000), 101).lean(1000), [{ fromMs: 0, toMs: 1000 }]);
});

test("trackFeeding() that was never fed is lean all the time, and one that stopped to the end", () => {
  assert.deepEqual(trackFeeding(1, 100).lean(500), [{ fromMs: 0, toMs: 500 }]);
  const [, last] = feedFrom(every10(0, 2000)).lean(9000);
  assert.deepEqual(last, { fromMs: 2050, toMs: 9000 });
});

test("trackFeeding() tells lean times that follow each other closely as one", () => {
  const bursts = [0, 300, 600, 900].flatMap((at) => every10(at, at + 50));
  assert.deepEqual(feedFrom(bursts).lean(950), [{ fromMs: 0, toMs: 940 }]);
});

test("isFed() holds outside of all lean times, and of what is read so late that it may be of one", () => {
  const spans = [{ fromMs: 100, toMs: 200 }];
  assert.deepEqual(
    [99, 100, 200, 250, 251].map((atMs) => isFed(spans, atMs, 50)),
    [true, false, false, false, true],
  );
});

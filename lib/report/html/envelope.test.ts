/** Downsampling keeps what a reader must not miss. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { envelope, type Point } from "./envelope.ts";

const hour = (value: (second: number) => number | null): Point[] =>
  Array.from({ length: 3600 }, (_, second) => [second * 1000, value(second)] as const);
const COLUMNS = { fromMs: 0, toMs: 3_600_000, columns: 100 };

test("envelope() keeps each spike and each dip, in the order of time", () => {
  const kept = envelope(
    hour((second) => (second === 1234 ? 99 : second === 1240 ? -5 : 1)),
    COLUMNS,
  );
  assert.ok(kept.length <= 200);
  const values = kept.map(([, value]) => value);
  assert.deepEqual([Math.max(...(values as number[])), Math.min(...(values as number[]))], [99, -5]);
  assert.deepEqual(kept.find(([, value]) => value === 99)?.[0], 1_234_000);
  const times = kept.map(([atMs]) => atMs);
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
});

test("envelope() breaks the line where nothing was read, once for each gap", () => {
  const kept = envelope(
    hour((second) => (second >= 600 && second < 1200 ? null : 2)),
    COLUMNS,
  );
  assert.equal(kept.filter(([, value]) => value === null).length, 1);
});

test("envelope() leaves few points as they are", () => {
  const few: Point[] = [
    [0, 1],
    [1_000_000, 3],
    [3_600_000, 2],
  ];
  assert.deepEqual(envelope(few, COLUMNS), few);
});

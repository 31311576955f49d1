/** A run of days keeps few samples, and still those that it is judged by. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sample } from "./gauges.ts";
import { keepSamples } from "./kept-samples.ts";

const sample = (atMs: number, more: Partial<Sample> = {}): Sample => ({
  ...{ atMs, lateMs: 0, phase: "load", loads: {} },
  ...{ gauges: { cpuBusyMs: atMs }, named: {} },
  ...more,
});

function keep(count: number, make = sample): readonly Sample[] {
  const kept = keepSamples(100);
  for (let at = 0; at < count; at++) kept.add(make(at));
  return kept.all;
}

test("keepSamples() keeps every sample as long as there is room", () => {
  const kept = keepSamples();
  for (let at = 0; at < 19_999; at++) kept.add(sample(at));
  assert.equal(kept.all.length, 19_999);
  kept.add(sample(19_999));
  assert.ok(kept.all.length < 15_100, `${kept.all.length}`);
});

test("keepSamples() keeps few of many, in order, the first and the last, and most of the newest", () => {
  const times = keep(100_000).map(({ atMs }) => atMs);
  assert.ok(times.length <= 100, `${times.length}`);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.deepEqual([times[0], times.at(-1)], [0, 99_999]);
  const newest = times.slice(-20);
  assert.equal((newest.at(-1) ?? 0) - (newest[0] ?? 0), 19);
});

test("keepSamples() keeps what each phase is judged by: its ends and the extremes of each gauge in it", () => {
  const make = (atMs: number) =>
    sample(atMs, {
      phase: atMs < 333 ? "baseline" : "load",
      gauges: { cpuBusyMs: atMs, targetHealthMs: atMs === 777 ? 9000 : 1 },
      named: { subscribers: atMs === 1235 ? -1 : null },
    });
  const times = keep(10_000, make).map(({ atMs }) => atMs);
  for (const atMs of [0, 332, 333, 777, 1235, 9999]) assert.ok(times.includes(atMs), `${atMs}`);
});

test("keepSamples() keeps a run of very many phases, too, in bounds of the phases", () => {
  const kept = keep(2000, (atMs) => sample(atMs, { phase: `load ${atMs >> 1}` }));
  assert.equal(kept.length, 2000);
});

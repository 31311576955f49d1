/** Which samples belong to a phase, and what is read off them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Readings, Sample } from "../host/gauges.ts";
import { phaseName } from "./phase.ts";
import { createWindows, elapsedMs, increase, readings } from "./windows.ts";

function sample(atMs: number, phase: string, gauges: Readings = {}): Sample {
  return { atMs, lateMs: 0, phase, gauges, loads: {}, named: {} };
}

const windows = createWindows([
  sample(0, "baseline"),
  sample(1, "load 60 %"),
  sample(2, "hold 60 %"),
  sample(3, "load 75 %"),
  sample(4, "load"),
  sample(5, "loading"),
]);

test("of() gathers every phase of a kind, whatever its label, and no kind that only begins alike", () => {
  assert.deepEqual(
    windows.of("load").map(({ atMs }) => atMs),
    [1, 3, 4],
  );
});

test("of() with a label gives that phase alone", () => {
  assert.deepEqual(
    windows.of("load", "75 %").map(({ atMs }) => atMs),
    [3],
  );
  assert.deepEqual(windows.of("load", "7"), []);
  assert.deepEqual(windows.of("recovery"), []);
});

test("phaseName() is the kind, then the label", () => {
  assert.equal(phaseName("hold"), "hold");
  assert.equal(phaseName("hold", "75 %"), "hold 75 %");
});

test("readings() leaves out what could not be read, and keeps a zero", () => {
  const samples = [{ rssBytes: 5 }, { rssBytes: null }, {}, { rssBytes: 0 }].map((gauges) =>
    sample(0, "hold", gauges),
  );
  assert.deepEqual(readings(samples, "rssBytes"), [5, 0]);
});

test("increase() is the last reading less the first, and null without two", () => {
  const samples = [null, 10, 25, null].map((cpuBusyMs) => sample(0, "hold", { cpuBusyMs }));
  assert.equal(increase(samples, "cpuBusyMs"), 15);
  assert.equal(increase(samples.slice(0, 2), "cpuBusyMs"), null);
  assert.equal(increase([], "cpuBusyMs"), null);
});

test("elapsedMs() is zero of nothing", () => {
  assert.equal(elapsedMs(windows.all), 5);
  assert.equal(elapsedMs([]), 0);
});

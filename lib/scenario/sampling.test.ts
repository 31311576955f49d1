/** Whether a run can be trusted, from made-up samples. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Readings, Sample } from "../host/gauges.ts";
import { busyShare, describeSampling, ownBusyShare } from "./sampling.ts";

function sample(atMs: number, gauges: Readings, lateMs = 0, phase = "baseline"): Sample {
  return { atMs, lateMs, phase, gauges, loads: {}, named: {} };
}

test("busyShare() is what was worked of the time that the machine gave", () => {
  const samples = (last: Readings) => [
    sample(0, { cpuTotalMs: 1000, cpuBusyMs: 100, cpuStealMs: 0, cpuThrottledMs: 0 }),
    sample(1000, last),
  ];
  assert.equal(busyShare(samples({ cpuTotalMs: 3000, cpuBusyMs: 1100, cpuStealMs: 0 })), 0.5);
  assert.equal(busyShare(samples({ cpuTotalMs: 3000, cpuBusyMs: 1100, cpuStealMs: 1000 })), 1);
  assert.equal(busyShare(samples({ cpuTotalMs: 3000, cpuBusyMs: 600, cpuThrottledMs: 1000 })), 0.5);
});

test("busyShare() cannot be told from one sample, from none, or without a reading", () => {
  const one = sample(0, { cpuTotalMs: 1, cpuBusyMs: 1 });
  for (const samples of [[], [one], [one, one], [sample(0, {}), sample(1, {})]]) {
    assert.equal(busyShare(samples), null);
  }
});

test("ownBusyShare() is what this process worked of it, whatever others did", () => {
  const samples = [
    sample(0, { cpuTotalMs: 1000, cpuBusyMs: 100, processCpuMs: 50 }),
    sample(1000, { cpuTotalMs: 3000, cpuBusyMs: 2100, cpuStealMs: 0, processCpuMs: 450 }),
  ];
  assert.equal(busyShare(samples), 1);
  assert.equal(ownBusyShare(samples), 0.2);
  assert.equal(ownBusyShare([]), null);
});

test("describeSampling() tells lateness, cost, what was stolen, and what could not be read", () => {
  const described = describeSampling({
    samples: [
      sample(0, { mainThreadCpuMs: 0, cpuTotalMs: 0, cpuStealMs: 0, cpuBusyMs: 0 }, 1),
      sample(500, { mainThreadCpuMs: 5, cpuTotalMs: 500, cpuStealMs: 0, cpuBusyMs: 50 }, 3),
      sample(1000, { mainThreadCpuMs: 50, cpuTotalMs: 1000, cpuStealMs: 10, cpuBusyMs: 900 }, 8, "hold"),
    ],
    record: { due: 4, taken: 3, medianTickMs: 0.5, failures: new Map([["descriptors", "EMFILE"]]) },
    intervalMs: 250,
    unwritten: 1,
    unreadable: new Map([["cgroupMemoryBytes", "no cgroup"]]),
  });
  assert.deepEqual(described, {
    intervalMs: 250,
    due: 4,
    taken: 3,
    lateMs: { p50: 3, p99: 8, max: 8 },
    medianTickMs: 0.5,
    samplerShare: 0.002,
    mainThreadShare: 0.05,
    stealShare: 0.01,
    throttledMs: null,
    busyBeforeShare: 0.1,
    unwritten: 1,
    unreadable: { cgroupMemoryBytes: "no cgroup", descriptors: "EMFILE" },
  });
});

test("describeSampling() tells nothing of no samples", () => {
  const record = { due: 0, taken: 0, medianTickMs: null, failures: new Map() };
  const described = describeSampling({
    samples: [],
    record,
    intervalMs: 250,
    unwritten: 0,
    unreadable: new Map(),
  });
  assert.deepEqual(described?.lateMs, { p50: null, p99: null, max: null });
  assert.deepEqual(
    [described?.samplerShare, described?.stealShare, described?.busyBeforeShare],
    [null, null, null],
  );
});

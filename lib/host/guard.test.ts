/** The guard is seen to fire for each danger, and to stay silent on a healthy box and on what it cannot see. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { GIB, MIB } from "../units.ts";
import type { Readings, Sample } from "./gauges.ts";
import { checkGuard, type GuardLimits } from "./guard.ts";

const limits: GuardLimits = {
  minMemoryBytes: GIB,
  cgroup: null,
  minDiskBytes: 256 * MIB,
  maxMemoryPressure: 0.6,
};
const healthy: Readings = { memoryAvailableBytes: 4 * GIB, diskFreeBytes: GIB, memoryStalledMs: 1000 };

function sample(atMs: number, gauges: Readings): Sample {
  return { atMs, lateMs: 0, phase: "load", gauges: { ...healthy, ...gauges }, loads: {}, named: {} };
}

function check(gauges: Readings, { previous = sample(0, {}), atMs = 1000, own = limits } = {}) {
  return checkGuard(own, sample(atMs, gauges), previous);
}

test("checkGuard() is silent on a healthy box, and at the floor itself", () => {
  assert.equal(check({}), null);
  assert.equal(check({ memoryAvailableBytes: GIB, diskFreeBytes: 256 * MIB }), null);
  assert.equal(checkGuard(limits, sample(0, {}), undefined), null);
});

test("checkGuard() fires below the floor of memory, at the first sample too", () => {
  const reason = checkGuard(limits, sample(0, { memoryAvailableBytes: GIB - 1 }), undefined);
  assert.match(reason ?? "", /^memory available fell to .*, below the floor of 1 GiB$/);
});

test("checkGuard() fires below the floor of disk space, but where filling the disk is the point", () => {
  assert.match(check({ diskFreeBytes: 255 * MIB }) ?? "", /^free disk space fell to 255 MiB/);
  assert.equal(check({ diskFreeBytes: 0 }, { own: { ...limits, minDiskBytes: null } }), null);
});

test("checkGuard() fires when every task waited for memory most of the time since the last sample", () => {
  assert.match(check({ memoryStalledMs: 1700 }) ?? "", /waited for memory 70 % of the time, above 60 %/);
  assert.equal(check({ memoryStalledMs: 1600 }), null);
});

test("checkGuard() makes nothing of a stall between two samples that lie microseconds apart", () => {
  assert.equal(check({ memoryStalledMs: 1001 }, { atMs: 0.5 }), null);
});

test("checkGuard() makes no danger out of a gauge that could not be read", () => {
  const blind = { memoryAvailableBytes: null, diskFreeBytes: null, memoryStalledMs: null };
  assert.equal(check(blind), null);
  assert.equal(check({ memoryStalledMs: 9000 }, { previous: sample(0, blind) }), null);
});

test("checkGuard() ends a load that leaves the control group too little, however much the box has", () => {
  const own = { ...limits, cgroup: { limitBytes: 1000, minMemoryBytes: 100 } };
  assert.equal(check({ cgroupMemoryBytes: 900 }, { own }), null);
  assert.match(
    check({ cgroupMemoryBytes: 901 }, { own }) ?? "",
    /left to the control group fell to 99 B, below .* 100 B/,
  );
});

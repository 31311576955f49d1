/** How much memory is used, of the box or of the group that is the lower limit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readHostFacts } from "../host/facts.ts";
import type { Readings, Sample } from "../host/gauges.ts";
import { ownMemory, peakMemoryShare, usedMemory } from "./memory.ts";

const box = { ...readHostFacts(), memoryTotalBytes: 1000, memoryLimitBytes: 1000, memoryLimitedBy: "host" };
const group = { ...box, memoryLimitBytes: 200, memoryLimitedBy: "/sys/fs/cgroup/memory/x" };

function sample(gauges: Readings): Sample {
  return { atMs: 0, lateMs: 0, phase: "hold", gauges, loads: {}, named: {} };
}

test("usedMemory() counts the box, or the group where its limit is the lower one", () => {
  const gauges = { memoryAvailableBytes: 400, cgroupMemoryBytes: 150 };
  assert.equal(usedMemory(box, gauges), 600);
  assert.equal(usedMemory(group, gauges), 150);
});

test("usedMemory() does not take one for the other where it cannot be read", () => {
  assert.equal(usedMemory(box, { memoryAvailableBytes: null, cgroupMemoryBytes: 150 }), null);
  assert.equal(usedMemory(group, { memoryAvailableBytes: 400, cgroupMemoryBytes: null }), null);
});

test("peakMemoryShare() is the highest at any sample, of the group's limit or of the box", () => {
  const samples = [
    sample({ memoryAvailableBytes: 900, cgroupMemoryBytes: 20 }),
    sample({ memoryAvailableBytes: 400, cgroupMemoryBytes: 180 }),
    sample({ memoryAvailableBytes: 800, cgroupMemoryBytes: null }),
  ];
  assert.equal(peakMemoryShare(box, samples), 0.6);
  assert.equal(peakMemoryShare(group, samples), 0.9);
  assert.equal(peakMemoryShare(box, [sample({ memoryAvailableBytes: null }), sample({})]), null);
  assert.equal(peakMemoryShare(box, []), null);
});

test("ownMemory() is the anonymous part where that can be told", () => {
  assert.equal(ownMemory({ anonymousBytes: 5, rssBytes: 9 }), 5);
  assert.equal(ownMemory({ anonymousBytes: null, rssBytes: 9 }), 9);
  assert.equal(ownMemory({}), null);
});

/** The way without /proc, tried on Linux: systeminformation answers there too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { MIB } from "../units.ts";
import { startProgram } from "./fixtures/program.ts";
import { openPortableReader, type TreeReader } from "./tree-readings.ts";

const ROWS = [
  { pid: 10, parentPid: 1, cpu: 50, memRss: 1024 },
  { pid: 11, parentPid: 10, cpu: 0, memRss: 512 },
  { pid: 12, parentPid: 11, cpu: 0, memRss: 512 },
  { pid: 13, parentPid: 1, cpu: 900, memRss: 4096 },
];

test("openPortableReader() adds up a process and its descendants, and says why it has nothing else", async (t) => {
  const reader = openPortableReader(
    () => [10],
    async () => ROWS,
  );
  t.after(reader.close);
  assert.equal(reader.read().rssBytes, null);
  assert.equal(reader.reasons().get("rssBytes"), "not asked for yet");
  const { rssBytes, processes, descriptors, cpuMs } = await firstReading(reader);
  assert.deepEqual([rssBytes, processes, descriptors], [2 * MIB, 3, null]);
  assert.ok(cpuMs! >= 0);
  assert.equal(reader.reasons().get("descriptors"), `not to be had on ${process.platform}`);
  assert.equal(reader.reasons().has("rssBytes"), false);
});

test("openPortableReader() reads null with the reason when there is no such process, or no answer", async (t) => {
  const cases = [
    [async () => [], "pid 10 has ended"],
    [() => Promise.reject(new Error("no ps here")), "no ps here"],
  ] as const;
  for (const [list, reason] of cases) {
    const reader = openPortableReader(() => [10], list);
    t.after(reader.close);
    await turn();
    assert.equal(reader.read().rssBytes, null);
    assert.equal(reader.reasons().get("rssBytes"), reason);
  }
});

test("openPortableReader() sees a real process and its child", { timeout: 20_000 }, async (t) => {
  const { pid, line } = startProgram(t, ["sh", "-c", "sleep 1000 & echo up; wait"]);
  await line();
  const reader = openPortableReader(() => [pid]);
  t.after(reader.close);
  const { rssBytes, processes } = await firstReading(reader);
  assert.equal(processes, 2);
  assert.ok(rssBytes! > 0.5 * MIB && rssBytes! < 64 * MIB);
});

async function firstReading(reader: TreeReader) {
  while (true) {
    const readings = reader.read();
    if (readings.rssBytes !== null) return readings;
    await turn();
  }
}

/** Every Linux gauge answers here, moves when it should, and needs nothing new when nothing can be had. */
import assert from "node:assert/strict";
import { closeSync, openSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { MIB } from "../units.ts";
import { readHostFacts } from "./facts.ts";
import { runChild } from "./fixtures/child.ts";
import { type GaugeName, HOST_GAUGES, type Readings, type Source } from "./gauges.ts";
import { openDescriptors, openLinuxSources } from "./linux-sources.ts";

const skip = process.platform === "linux" ? false : "needs /proc";
/** This one belongs to the sampler. */
const wanted = (Object.keys(HOST_GAUGES) as GaugeName[]).filter((name) => name !== "eventLoopDelayMs");

function open() {
  const { sources, unreadable } = openLinuxSources(readHostFacts().allowedCpus, tmpdir());
  return {
    unreadable,
    read: () => Object.assign({}, ...sources.map((source) => source.read())) as Readings,
    close: () => closeAll(sources),
  };
}

test("openLinuxSources() reads a number of every gauge, or says why not", { skip }, (t) => {
  const { read, unreadable, close } = open();
  t.after(close);
  const readings = read();
  for (const name of wanted) {
    const value = readings[name];
    if (unreadable.has(name)) assert.equal(value, undefined, name);
    else assert.ok(typeof value === "number" && value >= 0 && value < Infinity, `${name}: ${value}`);
  }
  for (const name of [
    "cpuBusyMs",
    "memoryAvailableBytes",
    "rssBytes",
    "descriptors",
    "diskFreeBytes",
  ] as const) {
    assert.ok((readings[name] ?? 0) > 0, name);
  }
});

test("openLinuxSources() sees memory that is written, as anonymous and resident", { skip }, (t) => {
  const { read, close } = open();
  t.after(close);
  const before = read();
  const taken = Buffer.allocUnsafeSlow(64 * MIB).fill(1);
  const after = read();
  for (const name of ["anonymousBytes", "rssBytes"] as const) {
    // what the collector gives back meanwhile is far less than half of it
    assert.ok(after[name]! - before[name]! > taken.length / 2, name);
  }
});

test("openLinuxSources() sees the processor time that this thread uses", { skip }, (t) => {
  const { read, close } = open();
  t.after(close);
  const before = read();
  const until = process.cpuUsage().user + 100_000;
  while (process.cpuUsage().user < until);
  const after = read();
  assert.ok(after.mainThreadCpuMs! - before.mainThreadCpuMs! >= 50);
  assert.ok(after.cpuBusyMs! > before.cpuBusyMs!);
  assert.ok(after.cpuTotalMs! - before.cpuTotalMs! >= after.cpuBusyMs! - before.cpuBusyMs!);
});

test("openLinuxSources() counts descriptors without holding one more for each reading", { skip }, (t) => {
  const { read, close } = open();
  t.after(close);
  // listing the folder takes one itself
  assert.equal(read().descriptors, readdirSync("/proc/self/fd").length - 1);
  assert.equal(read().descriptors, read().descriptors);
});

test("openDescriptors() counts the same by listing as by size, its spare one too", { skip }, (t) => {
  const listed = openDescriptors("listing");
  t.after(listed.close);
  const expected = readdirSync("/proc/self/fd").length - 1;
  assert.deepEqual([listed.read(), listed.read()], [{ descriptors: expected }, { descriptors: expected }]);
  const held = openSync("/dev/null", "r");
  t.after(() => closeSync(held));
  assert.deepEqual(listed.read(), { descriptors: expected + 1 });
});

test("openDescriptors() lists with its spare one when no other is left", { skip }, async () => {
  const code = `
    import { openSync, readdirSync, writeSync } from "node:fs";
    import { openDescriptors } from "./lib/host/linux-sources.ts";
    const { read } = openDescriptors("listing");
    let open = readdirSync("/proc/self/fd").length - 1;
    let refused;
    while (!refused) try { openSync("/dev/null"); open++; } catch ({ code }) { refused = code; }
    writeSync(1, JSON.stringify({ open, refused, readings: [read(), read()] }));`;
  const { open, refused, readings } = (await runChild(code, { descriptors: 96 })) as {
    open: number;
    refused: string;
    readings: Readings[];
  };
  assert.equal(refused, "EMFILE");
  assert.deepEqual(readings, [{ descriptors: open }, { descriptors: open }]);
});

test("openLinuxSources() keeps nothing open once its sources are closed, whatever could not be read", {
  skip,
}, () => {
  const before = readdirSync("/proc/self/fd").length;
  const { close } = open();
  close();
  assert.equal(readdirSync("/proc/self/fd").length, before);
});

test("openLinuxSources() reads on when no descriptor is left", { skip }, async () => {
  const code = `
    import { openSync, readdirSync, writeSync } from "node:fs";
    import { openDescriptors, openLinuxSources } from "./lib/host/linux-sources.ts";
    const { sources, unreadable } = openLinuxSources([0], "/tmp");
    let open = readdirSync("/proc/self/fd").length - 1;
    let refused;
    while (!refused) try { openSync("/dev/null"); open++; } catch ({ code }) { refused = code; }
    const readings = Object.assign({}, ...sources.map((source) => source.read()));
    writeSync(1, JSON.stringify({ open, refused, readings, unreadable: [...unreadable.keys()] }));`;
  const answer = (await runChild(code, { descriptors: 96 })) as {
    open: number;
    refused: string;
    readings: Readings;
    unreadable: string[];
  };
  assert.equal(answer.refused, "EMFILE");
  assert.equal(answer.readings.descriptors, answer.open);
  const read = wanted.filter((name) => typeof answer.readings[name] === "number");
  assert.deepEqual([...read, ...answer.unreadable].sort(), [...wanted].sort());
});

test("openLinuxSources() leaves out a gauge that cannot be read, with the reason, and reads the others", {
  skip,
}, (t) => {
  const { sources, unreadable } = openLinuxSources([0], "/there/is/none");
  t.after(() => closeAll(sources));
  assert.match(unreadable.get("diskFreeBytes") ?? "", /ENOENT/);
  const names = sources.flatMap((source) => source.gauges);
  assert.ok(!names.includes("diskFreeBytes") && names.includes("rssBytes"));
});

function closeAll(sources: readonly Source[]) {
  for (const source of sources) source.close();
}

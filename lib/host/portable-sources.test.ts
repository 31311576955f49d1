/** The gauges that any platform has, read here too. */
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { HOST_GAUGES, type Source } from "./gauges.ts";
import { openPortableSources } from "./portable-sources.ts";

test("openPortableSources() reads some gauges and names a reason for every other", (t) => {
  const { sources, unreadable } = openPortableSources(tmpdir());
  t.after(() => closeAll(sources));
  const names = sources.flatMap((source) => source.gauges);
  assert.deepEqual(
    [...names, ...unreadable.keys(), "eventLoopDelayMs"].sort(),
    Object.keys(HOST_GAUGES).sort(),
  );
  assert.match(unreadable.get("descriptors") ?? "", new RegExp(`not to be had on ${process.platform}`));
  const readings = Object.assign({}, ...sources.map((source) => source.read()));
  for (const name of ["cpuBusyMs", "cpuTotalMs", "rssBytes", "diskFreeBytes"])
    assert.ok(readings[name] > 0, name);
  assert.ok(readings.cpuTotalMs >= readings.cpuBusyMs);
});

test("openPortableSources() answers null for available memory until it is told, then a number", async (t) => {
  const { sources } = openPortableSources(tmpdir());
  t.after(() => closeAll(sources));
  const memory = sources.find(({ gauges }) => gauges.includes("memoryAvailableBytes"));
  assert.equal(memory?.read().memoryAvailableBytes, null);
  // there is no event for it: the answer comes from systeminformation in the background
  for (let tries = 0; tries < 200 && memory?.read().memoryAvailableBytes === null; tries++) await delay(10);
  assert.ok((memory?.read().memoryAvailableBytes ?? 0) > 0);
});

function closeAll(sources: readonly Source[]) {
  for (const source of sources) source.close();
}

/** What this box says of itself, and what a child under another limit reads. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { test } from "node:test";
import { parseCpuList, readHostFacts, readRlimit } from "./facts.ts";
import { runChild } from "./fixtures/child.ts";

const skip = process.platform === "linux" ? false : "needs /proc";

test("parseCpuList() reads single processors and ranges", () => {
  const lists = { "0": [0], "0-3,8": [0, 1, 2, 3, 8], "2,4-5\n": [2, 4, 5], "10-10": [10], "": [], "\n": [] };
  for (const [list, cpus] of Object.entries(lists)) assert.deepEqual(parseCpuList(list), cpus, list);
});

test("readHostFacts() tells this box", { skip }, () => {
  const facts = readHostFacts();
  assert.equal(facts.platform, "linux");
  assert.equal(facts.allowedCpus.length, availableParallelism());
  assert.equal(facts.memoryTotalBytes, totalmem());
  assert.ok(facts.memoryLimitBytes > 0 && facts.memoryLimitBytes <= facts.memoryTotalBytes);
  assert.equal(facts.bootId, readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  assert.equal(facts.runtime.version, process.versions.node);
});

test("readHostFacts() and readRlimit() tell the limit that a process was started under", {
  skip,
}, async () => {
  const code = `
    import { readHostFacts, readRlimit } from "./lib/host/facts.ts";
    console.log(JSON.stringify([readHostFacts().descriptorLimit, readRlimit("Max open files")]));`;
  assert.deepEqual(await runChild(code, { descriptors: 123 }), [123, { soft: 123, hard: 123 }]);
});

test("readRlimit() answers Infinity for no limit, and null for a row that is not there", { skip }, () => {
  assert.deepEqual(readRlimit("Max cpu time"), { soft: Infinity, hard: Infinity });
  assert.equal(readRlimit("Max patience"), null);
});

/** Real control groups, version 1 or 2, made and limited here: what a process inside them reads. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { GIB, MIB } from "../units.ts";
import {
  type Cgroup,
  type Controller,
  cgroupFile,
  createCgroup,
  findCgroup,
  readCpuQuota,
  readMemoryLimit,
  readPidsLimit,
} from "./cgroup.ts";
import type { HostFacts } from "./facts.ts";
import { runChild } from "./fixtures/child.ts";
import { TEMPORARY_PREFIX } from "./temporary-name.ts";

/** A group for as long as the test lasts; skips the test where none may be made. */
function makeGroup(t: TestContext, controller: Controller): Cgroup | null {
  const made = createCgroup(controller, `${TEMPORARY_PREFIX}test-${controller}-${process.pid}`);
  if ("refused" in made) {
    t.skip(`needs to make a cgroup: ${made.refused}`);
    return null;
  }
  t.after(() => rmdirSync(made.path));
  return made;
}

function limitCpu({ version, path }: Cgroup, quotaUs: number, periodUs: number) {
  if (version === 2) return writeFileSync(join(path, "cpu.max"), `${quotaUs} ${periodUs}`);
  writeFileSync(join(path, "cpu.cfs_period_us"), String(periodUs));
  writeFileSync(join(path, "cpu.cfs_quota_us"), String(quotaUs));
}

test("findCgroup() finds the folder of this process's own group, below its mount", (t) => {
  const group = findCgroup("memory");
  if (!group) return t.skip("needs a cgroup with a memory controller");
  assert.ok(group.path.startsWith(group.mount));
  assert.ok(readFileSync(join(group.path, "cgroup.procs"), "utf8").split("\n").includes(String(process.pid)));
});

test("readMemoryLimit() finds the limit of a group, and of one above it that is lower", (t) => {
  const group = makeGroup(t, "memory");
  if (!group) return;
  assert.notEqual(readMemoryLimit(group)?.path, group.path);
  writeFileSync(cgroupFile(group, "memoryLimit"), String(512 * MIB));
  assert.deepEqual(readMemoryLimit(group), { bytes: 512 * MIB, path: group.path });
  const below = { ...group, path: join(group.path, "below") };
  assert.deepEqual(readMemoryLimit(below), { bytes: 512 * MIB, path: group.path });
});

test("readCpuQuota() answers cores, and null where nothing limits them", (t) => {
  const group = makeGroup(t, "cpu");
  if (!group) return;
  const outside = readCpuQuota({ ...group, path: join(group.path, "..") });
  assert.equal(readCpuQuota(group), outside);
  limitCpu(group, 50_000, 100_000);
  assert.equal(readCpuQuota(group), 0.5);
});

test("readPidsLimit() answers the lowest limit on processes", (t) => {
  const group = makeGroup(t, "pids");
  if (!group) return;
  writeFileSync(cgroupFile(group, "pidsLimit"), "123");
  assert.equal(readPidsLimit(group), 123);
});

test("createCgroup() says why it cannot make one", (t) => {
  const own = findCgroup("memory");
  if (!own) return t.skip("needs a cgroup with a memory controller");
  const made = createCgroup("memory", `none/there/${TEMPORARY_PREFIX}test`);
  assert.match("refused" in made ? made.refused : "made", /^mkdir .*: ENOENT$/);
});

test("createCgroup() announces each path before there is anything to clean up", (t) => {
  const probe = makeGroup(t, "memory");
  if (!probe) return;
  const announced: string[] = [];
  const made = createCgroup("memory", `${TEMPORARY_PREFIX}${process.pid}-announced`, (path) => {
    assert.ok(!existsSync(path));
    announced.push(path);
  });
  assert.ok(!("refused" in made));
  rmdirSync(made.path);
  assert.equal(announced.at(-1), made.path);
});

test("enterCgroup() moves a process to where readHostFacts() sees the limits", async (t) => {
  const memory = makeGroup(t, "memory");
  const cpu = makeGroup(t, "cpu");
  if (!memory || !cpu) return;
  // version 2 has one hierarchy: a process is in one group of it only
  if (memory.version === 2) return t.skip("needs a group for each controller, as in version 1");
  writeFileSync(cgroupFile(memory, "memoryLimit"), String(GIB));
  limitCpu(cpu, 150_000, 100_000);
  const code = `
    import { enterCgroup } from "./lib/host/cgroup.ts";
    import { readHostFacts } from "./lib/host/facts.ts";
    for (const group of ${JSON.stringify([memory, cpu])}) enterCgroup(group, process.pid);
    console.log(JSON.stringify(readHostFacts()));`;
  const facts = (await runChild(code)) as HostFacts;
  assert.equal(facts.memoryLimitBytes, GIB);
  assert.equal(facts.memoryLimitedBy, memory.path);
  assert.equal(facts.cpuQuota, 1.5);
  assert.ok(existsSync(cgroupFile(memory, "memoryPeak")));
  assert.ok(Number(readFileSync(cgroupFile(memory, "memoryPeak"), "utf8")) > 0);
});

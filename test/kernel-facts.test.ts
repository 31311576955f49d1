/** Facts that the design builds on, measured anew: what the kernel and the tools around it really do. Needs the box to itself. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Controller, createCgroup, findCgroup } from "../lib/host/cgroup.ts";
import { TEMPORARY_PREFIX } from "../lib/host/temporary-name.ts";
import { removeTemporaries } from "../lib/report/temporary.ts";
import { MIB } from "../lib/units.ts";
import { skipReason } from "./command.ts";
import { pidOf, startLong } from "./long-run.ts";
import { cannotGroup } from "./remains.ts";

function missing(program: string): string | null {
  return spawnSync(program, ["--version"]).error ? `${program} is not installed` : null;
}

test("GNU make turns any failure of a recipe into exit code 2", { skip: skipReason(missing("make")) }, () => {
  for (const code of [1, 3, 70, 75]) {
    const { status } = spawnSync("make", ["-f", "-"], { input: `all:\n\t@exit ${code}\n` });
    assert.equal(status, 2);
  }
});

const cannotDrop = process.getuid?.() === 0 ? missing("setpriv") : "needs root, to see what others may not";

/** Runs a line of shell without any privilege, and answers its exit code. */
function runUnprivileged(line: string): number | null {
  const drop = ["--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"];
  return spawnSync("setpriv", [...drop, "sh", "-c", line], { cwd: "/" }).status;
}

test("without privilege a process can volunteer as the OOM killer's victim, and not excuse itself", {
  skip: skipReason(cannotDrop),
}, () => {
  const score = "/proc/self/oom_score_adj";
  assert.equal(runUnprivileged(`echo 1000 > ${score}`), 0);
  assert.notEqual(runUnprivileged(`echo -1 > ${score}`), 0);
});

test("without privilege the soft limit of descriptors can be raised to the hard one, and that one not at all", {
  skip: skipReason(cannotDrop),
}, () => {
  assert.equal(runUnprivileged('ulimit -S -n 64 && ulimit -S -n "$(ulimit -H -n)"'), 0);
  assert.equal(runUnprivileged("ulimit -n 64"), 0);
  assert.notEqual(runUnprivileged("ulimit -n 64; ulimit -n 65"), 0);
});

/** A new group of this controller, and a process with a worker thread; both end with the test. */
async function prepareThread(t: TestContext, controller: Controller) {
  const group = createCgroup(controller, `${TEMPORARY_PREFIX}${process.pid}-facts-${controller}`);
  assert.ok(!("refused" in group), JSON.stringify(group));
  t.after(() => removeTemporaries([{ kind: "cgroup", path: group.path }]));
  const running = startLong(t, "test/fixtures/facts/with-thread.ts", []);
  assert.ok(running.child.stderr);
  const [word] = await once(running.child.stderr, "data");
  const thread = /^thread (\d+)$/m.exec(String(word))?.[1] ?? "";
  return { group: group.path, running, pid: pidOf(running), thread };
}

function readList(group: string, file: string): string[] {
  return readFileSync(join(group, file), "utf8").split("\n").filter(Boolean).sort();
}

test("a worker thread that enters a memory control group takes its whole process along", {
  skip: skipReason(cannotGroup("memory")),
}, async (t) => {
  const { group, pid, thread } = await prepareThread(t, "memory");
  assert.notEqual(thread, String(pid));
  writeFileSync(join(group, "cgroup.procs"), thread);
  assert.deepEqual(readList(group, "cgroup.procs"), [String(pid)]);
  const threads = findCgroup("memory")?.version === 2 ? "cgroup.threads" : "tasks";
  assert.deepEqual(readList(group, threads), readdirSync(`/proc/${pid}/task`).sort());
});

// version 2 has no such file: there a whole subtree must be made for threads
if (findCgroup("cpu")?.version === 1) {
  test("a worker thread can enter a cpu control group alone, in version 1", async (t) => {
    const { group, thread } = await prepareThread(t, "cpu");
    writeFileSync(join(group, "tasks"), thread);
    assert.deepEqual(readList(group, "tasks"), [thread]);
  });

  test("what a thread takes is charged to its process's group, whichever it is in itself, in version 1", async (t) => {
    const { group, running, thread } = await prepareThread(t, "memory");
    writeFileSync(join(group, "tasks"), thread);
    assert.deepEqual(readList(group, "tasks"), [thread]);
    running.child.kill("SIGUSR2");
    await running.said(/taken/);
    const chargedBytes = Number(readFileSync(join(group, "memory.usage_in_bytes"), "utf8"));
    assert.ok(chargedBytes < 16 * MIB, `${chargedBytes} bytes`);
  });
}

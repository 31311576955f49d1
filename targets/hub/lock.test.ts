/** The lock is held by a process: whatever file is there, it is had by exactly one who lives. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { Worker } from "node:worker_threads";
import { becomes } from "../../test/remains.ts";
import { privateFolder } from "./fixtures/running-hub.ts";
import { takeLock } from "./lock.ts";
import { hasPid, isAlive, readProcess } from "./processes.ts";

/** More than any pid (PID_MAX_LIMIT of Linux is 2^22). */
const DEAD_PID = 2 ** 22 + 1;
const dead = (nonce: string) => `${JSON.stringify({ pid: DEAD_PID, startTicks: 1, nonce })}\n`;
const claimOf = (dir: string, text: string) =>
  join(dir, `hub.lock.claim.${createHash("sha256").update(text).digest("hex").slice(0, 32)}`);

function take(dir: string) {
  const lock = takeLock(dir);
  assert.ok(!("heldBy" in lock), JSON.stringify(lock));
  return lock;
}

describe("takeLock()", () => {
  test("holds what nobody else gets, until it is freed", (t) => {
    const dir = privateFolder(t);
    const lock = take(dir);
    assert.deepEqual(takeLock(dir), { heldBy: process.pid });
    assert.deepEqual(readdirSync(dir), ["hub.lock"]);
    assert.equal(statSync(join(dir, "hub.lock")).mode & 0o777, 0o600);
    lock.free();
    assert.deepEqual(readdirSync(dir), []);
    take(dir).free();
  });

  const STALE: Record<string, string> = {
    "of a dead process": dead("a"),
    "of a reused pid": JSON.stringify({ pid: process.ppid, startTicks: 1 }),
    "that is empty": "",
    "that is no lock": "x".repeat(10_000),
    "with a pid that cannot be": JSON.stringify({ pid: -1 }),
  };
  for (const [what, text] of Object.entries(STALE)) {
    test(`takes over a lock ${what}`, (t) => {
      const dir = privateFolder(t);
      writeFileSync(join(dir, "hub.lock"), text);
      const lock = take(dir);
      assert.deepEqual(readdirSync(dir), ["hub.lock"]);
      assert.equal(JSON.parse(readFileSync(join(dir, "hub.lock"), "utf8")).pid, process.pid);
      lock.free();
      assert.deepEqual(readdirSync(dir), []);
    });
  }

  test("takes over from those who died while they took over, and clears up after them", (t) => {
    const dir = privateFolder(t);
    writeFileSync(join(dir, "hub.lock"), dead("a"));
    writeFileSync(claimOf(dir, dead("a")), dead("b"));
    writeFileSync(claimOf(dir, dead("b")), dead("c"));
    writeFileSync(join(dir, "hub.lock.draft.1.b"), dead("b"));
    writeFileSync(claimOf(dir, "another lock"), dead("d"));
    take(dir);
    assert.deepEqual(readdirSync(dir), ["hub.lock"]);
  });

  test("leaves a lock to one who lives and is about to take it over", (t) => {
    const dir = privateFolder(t);
    writeFileSync(join(dir, "hub.lock"), dead("a"));
    const claimant = { pid: process.ppid, startTicks: readProcess(process.ppid)?.startTicks };
    writeFileSync(claimOf(dir, dead("a")), JSON.stringify(claimant));
    assert.deepEqual(takeLock(dir), { heldBy: process.ppid });
    assert.equal(readFileSync(join(dir, "hub.lock"), "utf8"), dead("a"));
  });

  test("does not free a lock that another one has by now", (t) => {
    const dir = privateFolder(t);
    const lock = take(dir);
    writeFileSync(join(dir, "hub.lock"), dead("b"));
    lock.free();
    assert.deepEqual(readdirSync(dir), ["hub.lock"]);
  });

  for (const [what, text] of [
    ["there is none", null],
    ["it is stale", dead("a")],
  ] as const) {
    test(`gives it to exactly one of many at the same moment, when ${what}`, async (t) => {
      const won = await race(t, 4, 150, text);
      const winners = won[0]!.map((_, index) => won.filter((racer) => racer[index]).length);
      assert.deepEqual(
        winners,
        winners.map(() => 1),
      );
    });
  }
});

/** Which racer won in which folder. The racers share a pid, but none that holds a lock is taken for dead. */
async function race(
  t: TestContext,
  racers: number,
  rounds: number,
  text: string | null,
): Promise<boolean[][]> {
  const dir = privateFolder(t);
  const folders = Array.from({ length: rounds }, (_, index) => join(dir, String(index)));
  for (const folder of folders) {
    mkdirSync(folder);
    if (text !== null) writeFileSync(join(folder, "hub.lock"), text);
  }
  const turns = new Int32Array(new SharedArrayBuffer(4 * rounds));
  const workerData = { folders, racers, turns };
  const url = new URL("fixtures/lock-racer.ts", import.meta.url).href;
  // the loader that runs this test does not reach threads by itself
  const code = `import("tsx/esm/api").then(({ register }) => { register(); return import("${url}"); });`;
  const threads = Array.from({ length: racers }, () => new Worker(code, { eval: true, workerData }));
  t.after(() => Promise.all(threads.map((thread) => thread.terminate())));
  const won = await Promise.all(threads.map(async (thread) => (await once(thread, "message"))[0]));
  for (const folder of folders) assert.deepEqual(readdirSync(folder), ["hub.lock"]);
  return won;
}

describe("isAlive()", () => {
  test("knows a process by its start, too", () => {
    const { startTicks } = readProcess(process.pid)!;
    assert.ok(isAlive(process.pid, startTicks));
    assert.ok(isAlive(process.pid, null));
    assert.ok(!isAlive(process.pid, startTicks - 1));
    assert.ok(!isAlive(DEAD_PID, null));
    assert.ok(!hasPid(DEAD_PID));
  });

  test("takes a zombie for what it is", async (t) => {
    // when the child ends, its parent has become a program that never asks for it
    const parent = spawn("sh", ["-c", "sleep 0.1 & echo $!; exec sleep 60"]);
    t.after(() => void parent.kill("SIGKILL"));
    const [said] = await once(parent.stdout, "data");
    const pid = Number(said);
    await becomes(
      () => readProcess(pid)?.ended === true,
      () => `${pid} is no zombie`,
    );
    assert.ok(hasPid(pid));
    assert.ok(!isAlive(pid, null));
  });
});

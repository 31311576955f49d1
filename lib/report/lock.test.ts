/** One run at a time: real processes hold, lose and leave the lock. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { identifyProcess } from "../host/process-identity.ts";
import { isStale, type Lock, type LockRecord, readLock, removeLock, takeLock } from "./lock.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function record(own: Partial<LockRecord> = {}): LockRecord {
  return { holder: identifyProcess(), since: "2026-01-02T03:04:05.000Z", run: "run", temporary: [], ...own };
}

function take(own: Partial<LockRecord> = {}): Lock {
  const lock = takeLock(folder, record(own));
  if ("heldBy" in lock) throw new Error("Cannot test: the lock is held");
  return lock;
}

/** Another machine's: nobody can tell from here whether it runs. */
const foreign = { ...identifyProcess(), bootId: "another", hostname: "elsewhere" };

test("takeLock() tells the second taker who holds it, and leaves no file behind", () => {
  const lock = take();
  assert.deepEqual(takeLock(folder, record({ run: "second" })), { heldBy: record() });
  assert.deepEqual(readdirSync(folder), [".lock.json"]);
  lock.free();
  assert.deepEqual(readdirSync(folder), []);
  take({ run: "third" }).free();
});

test("journal() writes down what has to be removed, where the next command finds it", () => {
  const lock = take();
  const path = "/tmp/.proofload-test";
  lock.journal({ kind: "folder", path });
  lock.journal({ kind: "cgroup", path });
  lock.journal({ kind: "processes", path: "0123abcd" });
  const temporary = [
    { kind: "folder", path } as const,
    { kind: "cgroup", path } as const,
    { kind: "processes", path: "0123abcd" } as const,
  ];
  assert.deepEqual(readLock(folder), record({ temporary }));
  assert.deepEqual(lock.temporary, temporary);
  lock.free();
});

test("readLock() is null where there is none, and does not take any file for a lock", () => {
  assert.equal(readLock(folder), null);
  assert.equal(readLock(join(folder, "none")), null);
  writeFileSync(join(folder, ".lock.json"), `{"holder": "somebody"}`);
  assert.throws(() => readLock(folder));
});

test("isStale() is false of a run that lives, and true once its process is dead", async () => {
  const child = spawn("sleep", ["60"]);
  const held = record({ holder: identifyProcess(child.pid) });
  assert.equal(isStale(folder, held), false);
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
  assert.equal(isStale(folder, held), true);
});

test("isStale() believes a run on another machine as long as it writes samples", () => {
  const held = record({ holder: foreign });
  const samples = join(folder, held.run, "samples.ndjson");
  mkdirSync(join(folder, held.run));
  writeFileSync(samples, "");
  assert.equal(isStale(folder, held), false);
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(samples, longAgo, longAgo);
  assert.equal(isStale(folder, held), true);
});

test("isStale() believes a run on another machine that has just begun, before its first sample", () => {
  assert.equal(isStale(folder, record({ holder: foreign, since: new Date().toISOString() })), false);
  assert.equal(isStale(folder, record({ holder: foreign })), true);
});

test("removeLock() leaves the lock that somebody else has taken meanwhile", () => {
  const stale = record({ run: "stale" });
  const lock = take({ run: "new" });
  removeLock(folder, stale);
  assert.equal(readLock(folder)?.run, "new");
  assert.deepEqual(readdirSync(folder), [".lock.json"]);
  lock.free();
  removeLock(folder, stale);
  assert.equal(readLock(folder), null);
});

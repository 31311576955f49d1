/** Real processes: running, dead, a zombie, and another one under the same pid. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { identifyProcess, isRunning } from "./process-identity.ts";

const skip = process.platform === "linux" ? false : "needs /proc";

async function killAndReap(child: ChildProcess): Promise<void> {
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
}

test("isRunning() is true of this process, and of a child until it is killed", { skip }, async () => {
  assert.equal(isRunning(identifyProcess()), true);
  const child = spawn("sleep", ["60"]);
  const identity = identifyProcess(child.pid);
  assert.equal(isRunning(identity), true);
  await killAndReap(child);
  assert.equal(isRunning(identity), false);
});

test("isRunning() is false of a zombie, whose pid is still taken", { skip }, async (t) => {
  // the shell becomes a sleep that never reaps the child it was left with
  const parent = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 60"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => killAndReap(parent));
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(line);
  const identity = identifyProcess(pid);
  // as long as it is a shell it may still reap
  for (let tries = 0; tries < 1000 && nameOf(parent.pid) !== "sleep"; tries++) await delay(5);
  process.kill(pid, "SIGKILL");
  // nobody is told when a process that is not their child ends
  for (let tries = 0; tries < 1000 && isRunning(identity); tries++) await delay(5);
  assert.equal(isRunning(identity), false);
  assert.doesNotThrow(() => process.kill(pid, 0), "the pid is gone, so this was no zombie");
});

test("isRunning() is false of another process that was given the same pid", { skip }, () => {
  const own = identifyProcess();
  assert.ok(own.startTicks !== null && own.startTicks > 0);
  assert.equal(isRunning({ ...own, startTicks: own.startTicks - 1 }), false);
});

test("isRunning() counts the fields of a process whose name holds spaces and parentheses", {
  skip,
}, async (t) => {
  const name = "a) Z (b 1 2";
  const code = `process.title = ${JSON.stringify(name)}; console.log("named"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--eval", code], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => killAndReap(child));
  await once(child.stdout, "data");
  const identity = identifyProcess(child.pid);
  assert.ok(identity.startTicks! >= identifyProcess().startTicks!);
  assert.equal(isRunning(identity), true);
});

test("isRunning() is false after a reboot of the same machine", { skip }, () => {
  assert.equal(isRunning({ ...identifyProcess(), bootId: "an earlier boot" }), false);
});

test("isRunning() cannot tell of another machine, or of another container", { skip }, () => {
  const own = identifyProcess();
  assert.equal(isRunning({ ...own, bootId: "another", hostname: "elsewhere" }), null);
  assert.equal(isRunning({ ...own, pidNamespace: "pid:[1]" }), null);
});

function nameOf(pid: number | undefined): string {
  return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
}

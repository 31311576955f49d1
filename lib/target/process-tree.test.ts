/** Real processes: children of children, ones that lost their parent, zombies, and pids that are gone. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { markedProcesses } from "../host/marked-processes.ts";
import { startProgram } from "./fixtures/program.ts";
import { readProcessStat } from "./process-files.ts";
import { descendants, describeProcess } from "./process-tree.ts";

const skip = process.platform === "linux" ? false : "needs /proc";

/** A shell whose child is a shell whose child sleeps: each says its pid. */
const FAMILY = 'echo $$; sh -c "echo \\$\\$; sleep 1000 & echo \\$!; wait" & wait';

test("descendants() finds children of children, the root first", { skip }, async (t) => {
  const { pid, line } = startProgram(t, ["sh", "-c", FAMILY]);
  const family = [Number(await line()), Number(await line()), Number(await line())];
  assert.equal(family[0], pid);
  assert.deepEqual(descendants(pid), family);
});

test("descendants() finds the children of every thread, not only of the main one", { skip }, async (t) => {
  const program = `
    const { Worker } = require("node:worker_threads");
    const worker = new Worker(\`
      const { spawn } = require("node:child_process");
      require("node:worker_threads").parentPort.postMessage(spawn("sleep", ["1000"]).pid);
      setInterval(() => {}, 1000);\`, { eval: true });
    worker.on("message", (pid) => console.log(pid));`;
  const { pid, line } = startProgram(t, [process.execPath, "--eval", program]);
  const child = Number(await line());
  assert.deepEqual(descendants(pid), [pid, child]);
});

test("descendants() finds nobody when the process has ended, or its pid is another's now", {
  skip,
}, async () => {
  const child = spawn("sleep", ["1000"]);
  const pid = child.pid!;
  const { startTicks } = readProcessStat(pid)!;
  assert.deepEqual(descendants(pid, startTicks), [pid]);
  assert.deepEqual(descendants(pid, startTicks - 1), []);
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.deepEqual(descendants(pid), []);
});

test("descendants() has those that nobody waited for, as zombies; a zombie for a root has ended", {
  skip,
}, async (t) => {
  const program =
    "import os,time\npid=os.fork()\nif pid==0: os._exit(0)\nos.waitid(os.P_PID,pid,os.WEXITED|os.WNOWAIT)\nprint(pid,flush=True)\ntime.sleep(1000)";
  const { pid, line } = startProgram(t, ["python3", "-c", program]);
  const zombie = Number(await line());
  assert.deepEqual(descendants(pid), [pid, zombie]);
  assert.deepEqual(descendants(zombie), []);
});

test("markedProcesses() finds one that has left its parent and its session, by its environment alone", {
  skip,
}, async (t) => {
  const marker = `test-${process.pid}-${performance.now()}`;
  const program = 'sh -c "exec setsid sleep 1000 >/dev/null & echo \\$!"';
  const { pid, line, child } = startProgram(t, ["sh", "-c", program], { PROOFLOAD_TARGET_MARK: marker });
  const ended = once(child, "exit");
  const orphan = Number(await line());
  t.after(() => process.kill(orphan, "SIGKILL"));
  await ended;
  assert.deepEqual(descendants(pid), []);
  assert.deepEqual(markedProcesses(marker), [orphan]);
  assert.deepEqual(markedProcesses(marker.slice(0, -1)), [], "a part of the mark is another's");
});

test("describeProcess() gives the command line without what could move a cursor, or says that it has ended", {
  skip,
}, (t) => {
  const { pid } = startProgram(t, [
    process.execPath,
    "--eval",
    "process.stdin.resume()",
    "a\u001b[2J\nb",
    "x".repeat(500),
  ]);
  const text = describeProcess(pid);
  assert.match(text, new RegExp(`^pid ${pid} \\S+ --eval process.stdin.resume\\(\\) a \\[2J b x+…$`));
  assert.ok(text.length < 250);
  // pids end at 2^22
  assert.equal(describeProcess(2 ** 22 + 1), `pid ${2 ** 22 + 1} (has ended)`);
});

/** Targets that somebody else started are watched, and never touched. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { runChild } from "../host/fixtures/child.ts";
import { becomes, launch } from "./fixtures/launching.ts";
import { serve } from "./fixtures/server.ts";
import { TargetError } from "./target.ts";

const skip = process.platform === "linux" ? false : "needs /proc";

async function startForeign(t: TestContext) {
  const child = spawn("sh", ["-c", "sleep 1011 & wait"], { stdio: "ignore", detached: true });
  t.after(() => {
    try {
      process.kill(-(child.pid ?? 0), "SIGKILL");
    } catch {
      // it has ended in the test
    }
  });
  await once(child, "spawn");
  return { child, pid: child.pid as number };
}

test("launchTarget() watches a pid and its children, and leaves them alone", { skip }, async (t) => {
  const { child, pid } = await startForeign(t);
  const target = await launch(t, { pid });
  await becomes(() => target.pids().length === 2, "the child was not seen");
  assert.deepEqual([target.name, target.pid, target.alive, target.end], [`pid ${pid}`, pid, true, null]);
  assert.deepEqual([target.lastLines(), target.probePath, target.port], [[], null, null]);
  assert.throws(
    () => target.send("SIGHUP"),
    /^Error: Cannot signal pid \d+: expected a target that Proofload started/,
  );
  await assert.rejects(target.kill("tree"), /^Error: Cannot kill pid/);
  assert.deepEqual(await target.stop(0), { end: null, tookMs: 0, forced: false, left: [] });
  assert.equal(child.exitCode ?? child.signalCode, null);
  assert.equal(target.pids().length, 2);
});

test("ended resolves when a foreign process has ended, though nobody tells how", { skip }, async (t) => {
  const { child, pid } = await startForeign(t);
  const target = await launch(t, { pid });
  child.kill("SIGKILL");
  const { exitCode, signal } = await target.ended;
  assert.deepEqual([exitCode, signal, target.alive, target.pids()], [null, null, false, []]);
});

test("launchTarget() reaches a URL alone, and knows nothing of its process", async (t) => {
  const server = await serve(t, (_, response) => response.end());
  const target = await launch(t, { url: server.url, ready: `${server.url}/ready` });
  assert.deepEqual([target.name, target.pid, target.alive, target.pids()], ["127.0.0.1", null, true, []]);
  await target.stop(0);
  assert.equal(server.asked, 1);
});

test("launchTarget() says what it got where there is no such target", { skip }, async (t) => {
  const { child, pid } = await startForeign(t);
  const refuse = async (spec: Parameters<typeof launch>[1], words: RegExp) => {
    await assert.rejects(launch(t, spec, { readyWithinMs: 100 }), (error: unknown) => {
      assert.ok(error instanceof TargetError);
      assert.match(error.message, words);
      return true;
    });
  };
  await refuse(
    { pid, url: "tcp://127.0.0.1:1" },
    /^Cannot reach pid \d+: expected a connection to 127\.0\.0\.1:1 within 100 ms, got connect ECONNREFUSED$/,
  );
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
  await refuse({ pid }, /^Cannot watch pid \d+: expected a process that runs, got none$/);
  await refuse({}, /^Cannot find a target: expected a command, a pid or a URL, got none of them$/);
  await refuse(
    { url: "ws://127.0.0.1:{port}/" },
    /^Cannot reach 127\.0\.0\.1: expected a port, got \{port\}/,
  );
});

test("a foreign process is not taken for dead while we have no descriptor left to look with", {
  skip,
}, async () => {
  const code = `
    import { spawn } from "node:child_process";
    import { openSync, writeSync } from "node:fs";
    import { setTimeout as delay } from "node:timers/promises";
    import { findTarget } from "./lib/target/foreign-target.ts";
    import { completeSpec } from "./lib/target/spec.ts";
    const child = spawn("sleep", ["1000"], { stdio: "ignore" });
    const { signal } = new AbortController();
    const target = await findTarget({ spec: completeSpec({ pid: child.pid }), dir: "/", readyWithinMs: 1000, signal });
    let refused;
    while (!refused) try { openSync("/dev/null"); } catch ({ code }) { refused = code; }
    const exhausted = target.alive;
    await delay(250);
    writeSync(1, JSON.stringify({ refused, exhausted, later: target.alive }));
    child.kill();
    process.exit();`;
  assert.deepEqual(await runChild(code, { descriptors: 96 }), {
    refused: "EMFILE",
    exhausted: true,
    later: true,
  });
});

/** What is read of real targets at a look; what cannot be read is null, with its reason, and so in the report. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readText } from "../host/read-text.ts";
import { becomes, launch, nodeCommand } from "../target/fixtures/launching.ts";
import type { Target } from "../target/target.ts";
import { takeCheckpoint, watchTarget } from "./target-watch.ts";

const METRICS = `import { createServer } from "node:http";
  createServer(({ url }, response) => {
    response.writeHead(url === "/metrics" ? 200 : 404).end("# TYPE asked counter\\nasked 7\\nopen 3\\n");
  }).listen({port}, "127.0.0.1", () => console.log("listening"));`;

async function watchDown(t: TestContext, target: Target) {
  const watched = await watchTarget(target, { intervalMs: 1e6, healthEveryMs: 1000, healthTimeoutMs: 5000 });
  t.after(() => watched.close());
  return { watched, look: () => takeCheckpoint(watched, 20, () => 3000) };
}

async function launchNode(t: TestContext, probe: boolean) {
  const at = (path: string) => `prom:http://127.0.0.1:{port}/${path}`;
  const gauges = {
    requests: `${at("metrics")}#asked`,
    open: `${at("metrics")}#open`,
    queue: `${at("none")}#q`,
  };
  return launch(t, { command: nodeCommand(METRICS), ready: "output:listening", gauges }, { probe });
}

test("takeCheckpoint() reads a Node whole, and says of a gauge that is not there why", async (t) => {
  const { watched, look } = await watchDown(t, await launchNode(t, true));
  const at = await look();
  assert.deepEqual(at.named, { requests: 7, open: 3, queue: null });
  assert.deepEqual(at.meanings, { requests: "counter", open: "things", queue: "things" });
  assert.deepEqual(at.unread, { "gauge queue": "HTTP 404" });
  assert.deepEqual([at.engines, at.javaScript, typeof at.liveBytes], [1, true, "number"]);
  assert.deepEqual([...watched.unread.tell()], [["gauge queue", "HTTP 404"]]);
});

test("takeCheckpoint() has no live bytes of what is no Node, and says so", async (t) => {
  const command = ["/bin/sh", "-c", "echo up; exec sleep 1000"];
  const target = await launch(t, { command, ready: "output:up" }, { probe: true });
  const { watched, look } = await watchDown(t, target);
  const { liveBytes, engines, javaScript, unread } = await look();
  assert.deepEqual([liveBytes, engines, javaScript], [null, null, false]);
  assert.match(unread?.liveBytes ?? "", /^no Node of it has opened the probe/);
  assert.deepEqual([...watched.unread.tell().keys()], ["targetLiveBytes"]);
});

test("takeCheckpoint() counts no engine that answers where one was asked, and keeps its reason", async (t) => {
  const target = await launchNode(t, false);
  const probePath = join(tmpdir(), `deaf-${process.pid}.sock`);
  const deaf = createServer((socket) => socket.destroy()).listen(probePath);
  await once(deaf, "listening");
  t.after(() => deaf.close());
  const { look } = await watchDown(t, { ...target, probePath });
  const { liveBytes, engines, javaScript, unread } = await look();
  assert.deepEqual([liveBytes, engines, javaScript], [null, 0, true]);
  assert.match(unread?.liveBytes ?? "", /^Cannot read live bytes: /);
});

const PYTHON = `print("up", flush=True)
held = [bytes([1]) * 2**20 for _ in range(24)]
import time; time.sleep(1000)`;

test("takeCheckpoint() sees a server in another language behind the Node that started it", async (t) => {
  const wrapper = `import { spawn } from "node:child_process";
    spawn("python3", ["-c", ${JSON.stringify(PYTHON)}], { stdio: "inherit" });`;
  const spec = { command: nodeCommand(wrapper), ready: "output:^up" };
  const target = await launch(t, spec, { probe: true });
  const { look } = await watchDown(t, target);
  const child = () => readText(`/proc/${target.pids()[1]}/status`) ?? "";
  await becomes(() => /RssAnon:\s+[2-9]\d{4} kB/.test(child()), "its memory");
  const { engines, heapIsPart } = await look();
  assert.deepEqual([engines, heapIsPart], [1, true]);
});

test("takeCheckpoint() asks no engine that a Node left behind which has ended", async (t) => {
  const left = "require('net').createServer().listen(process.env.PROOFLOAD_PROBE, () => process.exit())";
  const words = [process.execPath, "-e", left].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const command = ["/bin/sh", "-c", `${words.join(" ")}; echo up; exec sleep 1000`];
  // not any word with those letters: what Node says as it ends has some
  const target = await launch(t, { command, ready: "output:^up$" }, { probe: true });
  const { look } = await watchDown(t, target);
  const { liveBytes, engines } = await look();
  assert.deepEqual([liveBytes, engines], [null, null]);
});

/** A server that answers, fails, hangs, goes and comes back is seen as such. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { runChild } from "../host/fixtures/child.ts";
import { becomes } from "./fixtures/launching.ts";
import { questionsOf } from "./fixtures/questions.ts";
import { serve } from "./fixtures/server.ts";
import { watchHealth } from "./health.ts";

function watch(t: TestContext, url: string, everyMs = 5, timeoutMs = 5000) {
  const health = watchHealth(questionsOf({ health: url }), everyMs, timeoutMs);
  t.after(() => health.stop());
  return health;
}

test("watchHealth() measures a healthy server, and reports no failure", async (t) => {
  const server = await serve(t, (_, response) => response.writeHead(404).end("any answer is one"));
  const health = watch(t, server.url);
  await becomes(() => health.record().asked >= 20, "it was not asked");
  const { failed, notAsked, latencyMs, failures, longestOutageMs } = health.record();
  assert.deepEqual([failed, notAsked, failures, longestOutageMs], [0, 0, [], 0]);
  const { p50, p95, p99, max } = latencyMs;
  assert.ok(p50 !== null && p95 !== null && p99 !== null && max !== null);
  assert.ok(p50 > 0 && p50 <= p95 && p95 <= p99 && p99 <= max);
});

test("watchHealth() opens a connection for each question: one that was accepted long ago tells nothing", async (t) => {
  const server = await serve(t, (_, response) => response.end());
  let connections = 0;
  server.server.on("connection", () => connections++);
  const health = watch(t, server.url);
  await becomes(() => health.record().asked >= 5, "it was not asked");
  await health.stop();
  // the last may have been broken off before it was asked
  assert.ok(connections >= server.asked, `${connections} connections for ${server.asked} questions`);
});

test("read() tells the latency of the last answer once, and the failures since", async (t) => {
  const server = await serve(t, (_, response) => response.end());
  const health = watch(t, server.url, 1e6);
  await health.answered();
  assert.ok((health.read().latencyMs ?? 0) > 0);
  assert.deepEqual(health.read(), { latencyMs: null, failures: 0 });
  server.answer = (_, response) => response.writeHead(503).end();
  await health.answered();
  await health.answered();
  assert.deepEqual(health.read(), { latencyMs: null, failures: 2 });
  assert.deepEqual(health.record().failures, ["HTTP 503 × 2"]);
});

test("record() counts failures by kind, and measures the outage until the answer that came again", async (t) => {
  const server = await serve(t, (_, response) => response.end());
  const health = watch(t, server.url, 1e6, 100);
  await health.answered();
  server.answer = () => {};
  await health.answered();
  server.answer = (_, response) => response.destroy();
  await health.answered();
  await health.answered();
  const during = health.record();
  server.answer = (_, response) => response.end();
  await health.answered();
  const after = health.record();
  assert.deepEqual(after.failures, ["UND_ERR_SOCKET: other side closed × 2", "no answer within 100 ms × 1"]);
  assert.deepEqual([after.asked, after.failed], [6, 3]);
  assert.ok(during.longestOutageMs >= 99 && after.longestOutageMs >= during.longestOutageMs);
  assert.equal(health.record().longestOutageMs, after.longestOutageMs);
  health.mark();
  assert.deepEqual(health.record(), {
    by: "answer",
    asked: 0,
    failed: 0,
    notAsked: 0,
    latencyMs: { p50: null, p95: null, p99: null, max: null },
    failures: [],
    longestOutageMs: 0,
  });
});

test("mark() lets an outage that goes on count from then on", async (t) => {
  const health = watch(t, "http://127.0.0.1:1/", 1e6);
  await health.answered();
  const before = health.record().longestOutageMs;
  health.mark();
  assert.ok(health.record().longestOutageMs < before);
  await health.answered();
  const { failed, failures, longestOutageMs } = health.record();
  assert.deepEqual([failed, failures], [1, ["connect ECONNREFUSED × 1"]]);
  assert.ok(longestOutageMs > 0);
});

test("spare() lets the last question end, asks none while the work goes on, and asks again afterwards", async (t) => {
  const server = await serve(t, (_, response) => response.end());
  const health = watch(t, server.url);
  await becomes(() => server.asked >= 3, "it was not asked");
  const [before, after] = await health.spare(async () => {
    const asked = server.asked;
    await delay(50);
    return [asked, server.asked];
  });
  assert.equal(before, after);
  await becomes(() => server.asked > after, "it was not asked again");
  await assert.rejects(
    health.spare(() => Promise.reject(new Error("gone"))),
    /gone/,
  );
  const told = server.asked;
  await becomes(() => server.asked > told, "it was not asked again");
});

test("watchHealth() takes a connection that is closed in turn for an answer where no HTTP is spoken, also on a unix socket", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "health-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const where of ["tcp", "unix"]) {
    const server = createServer((socket) => socket.on("error", () => {}).resume());
    t.after(() => server.close());
    await new Promise<void>((resolve) =>
      where === "tcp" ? server.listen(0, "127.0.0.1", resolve) : server.listen(join(folder, "s"), resolve),
    );
    const address = server.address();
    const url = typeof address === "string" ? `unix:${address}` : `tcp://127.0.0.1:${address?.port}`;
    const health = watch(t, url, 1e6);
    await health.answered();
    await new Promise((resolve) => server.close(resolve));
    await health.answered();
    const { by, asked, failed } = health.record();
    assert.deepEqual([by, asked, failed], ["close", 3, 1], url);
  }
  const server = await serve(
    t,
    ({ url }, response) => response.writeHead(url === "/up" ? 200 : 500).end(),
    join(folder, "h"),
  );
  const health = watch(t, `unix:${folder}/h:/up`, 1e6);
  await health.answered();
  assert.deepEqual([health.record().failed, server.asked], [0, 2]);
});

test("watchHealth() does not blame the target for this process's own limit of descriptors", async (t) => {
  if (process.platform !== "linux") return t.skip("needs a lowered limit of descriptors");
  const server = await serve(t, (_, response) => response.end());
  const record = await runChild(
    `import { openSync } from "node:fs";
    import { questionsOf } from "./lib/target/fixtures/questions.ts";
    import { watchHealth } from "./lib/target/health.ts";
    const health = watchHealth(questionsOf({ health: "${server.url}" }), 1e6, 1000);
    await health.answered();
    try { for (;;) openSync("/dev/null", "r"); } catch {}
    await health.answered();
    console.log(JSON.stringify(health.record()));
    process.exit();`,
    { descriptors: 64 },
  );
  const { asked, failed, notAsked } = record as { asked: number; failed: number; notAsked: number };
  assert.deepEqual([asked, failed, notAsked], [2, 0, 1]);
});

test("record() does not count into an outage when nobody asked", async (t) => {
  const server = await serve(t, (_, response) => response.writeHead(503).end());
  const health = watch(t, server.url, 1e6);
  await health.answered();
  await health.spare(() => delay(300));
  server.answer = (_, response) => response.end();
  await health.answered();
  const { failed, longestOutageMs } = health.record();
  assert.ok(failed >= 1 && longestOutageMs < 300, `${longestOutageMs} ms`);
});

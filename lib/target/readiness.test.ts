/** A server is up when it answers, however slowly; what it fails at is asked again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { serve } from "./fixtures/server.ts";
import { awaitReady, readyCheck } from "./readiness.ts";
import { completeSpec } from "./spec.ts";

const { signal } = new AbortController();

function waitFor(url: string, withinMs: number) {
  const headers = { Authorization: "Bearer x" };
  const check = readyCheck(completeSpec({ url: url.replace("http", "ws"), ready: url, headers }));
  const ended = new Promise<never>(() => {});
  return awaitReady({ check, output: null, ended, sinceMs: performance.now(), withinMs, signal });
}

test("awaitReady() waits for a page that takes its time, with the headers of clients, and asks again where it fails", async (t) => {
  const asked: unknown[] = [];
  const server = await serve(t, async ({ headers }, response) => {
    asked.push(headers.authorization);
    if (asked.length === 1) return response.writeHead(503).end();
    // a page that looks at its database: longer than the second after which it was asked anew, and never had an answer
    await delay(1200);
    response.end("up");
  });
  const readiness = await waitFor(server.url, 20_000);
  assert.ok(readiness.kind === "ready" && readiness.afterMs >= 1190, JSON.stringify(readiness));
  assert.deepEqual(asked, ["Bearer x", "Bearer x"]);
});

test("awaitReady() tells what the last question got of a server that never comes up", async (t) => {
  const server = await serve(t, (_, response) => response.writeHead(503).end());
  assert.deepEqual(await waitFor(server.url, 100), { kind: "late", lastFailure: "HTTP 503" });
});

test("awaitReady() tells what a server said before the time was up, not that its last question had no time left", async (t) => {
  let asked = 0;
  const server = await serve(t, (_, response) => {
    // the second question is asked when most of the time is gone
    if (++asked === 1) setTimeout(() => response.writeHead(503).end(), 250);
  });
  assert.deepEqual(await waitFor(server.url, 500), { kind: "late", lastFailure: "HTTP 503" });
});

test("awaitReady() tells of a server that takes questions and never answers", async (t) => {
  const server = await serve(t, () => {});
  const readiness = await waitFor(server.url, 200);
  assert.match(JSON.stringify(readiness), /^{"kind":"late","lastFailure":"no answer within \d+ ms"}$/);
});

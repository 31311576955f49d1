/** One question to a server: what it takes, it gives back. */
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { askConnection, askHttp } from "./ask.ts";
import { serve } from "./fixtures/server.ts";

async function listen(t: { after(work: () => void): void }) {
  const server = createServer((socket) => socket.on("error", () => {}).resume());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return { kind: "tcp", host: "127.0.0.1", port: (server.address() as AddressInfo).port } as const;
}

test("askConnection() leaves nothing on the signal, however often it asks: a soak asks 36 000 times", async (t) => {
  const address = await listen(t);
  const { signal } = new AbortController();
  for (let time = 0; time < 20; time++) await askConnection(address, 5000, signal);
  // the last socket is still closing
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(getEventListeners(signal, "abort").length <= 1);
});

test("askConnection() rejects when it is aborted, before or meanwhile", async (t) => {
  const address = await listen(t);
  await assert.rejects(askConnection(address, 5000, AbortSignal.abort()), /aborted/);
  const over = new AbortController();
  const asked = askConnection(address, 5000, over.signal);
  over.abort();
  await assert.rejects(asked, /aborted/);
});

test("askHttp() does not wait for the end of a stream where only the status matters", async (t) => {
  const server = await serve(t, (_, response) => response.writeHead(200).write("data: 1\n\n"));
  const place = { url: new URL(server.url), socketPath: null };
  const limits = { timeoutMs: 20_000, mostBytes: 1024, bodyWithinMs: 20 };
  assert.deepEqual(await askHttp(place, limits), { status: 200, body: null });
  server.answer = (_, response) => response.end("whole");
  assert.deepEqual(await askHttp(place, { ...limits, bodyWithinMs: 10_000 }), { status: 200, body: "whole" });
});

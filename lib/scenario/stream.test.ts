/** Streams through real servers: one that echoes, one that tells all, and one that stalls. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { startChild } from "../host/fixtures/child.ts";
import { openStream, type Route, type StreamRecord } from "./stream.ts";

const STALL_MS = 200;
const STALL_EVERY_MS = 500;

/** In a process of its own, as it stalls: echoes, or sends what it gets to all. Answers its URL. */
async function startServer(t: TestContext, route: Route, stalls = false): Promise<string> {
  const to = route === "echo" ? "[client]" : "server.clients";
  const stall = `setInterval(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${STALL_MS}), ${STALL_EVERY_MS});`;
  const child = startChild(`
    import { WebSocketServer } from "ws";
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" }, () => console.log(server.address().port));
    server.on("connection", (client) => client.on("message", (text) => { for (const one of ${to}) one.send(String(text)); }));
    ${stalls ? stall : ""}
  `);
  t.after(async () => {
    child.kill("SIGKILL");
    await once(child, "close");
  });
  assert.ok(child.stdout);
  const [port] = await once(createInterface({ input: child.stdout }), "line");
  return `ws://127.0.0.1:${port}/`;
}

async function streamOnce(t: TestContext, route: Route, more: { rate: number | null; stalls?: boolean }) {
  const url = await startServer(t, route, more.stalls);
  const settings = {
    url,
    headers: {},
    route,
    subscribers: 4,
    lastsMs: 1500,
    sizeBytes: 64,
    settleMs: 5000,
    readStalledMs: () => null,
  };
  const stream = await openStream({ ...settings, rate: more.rate, signal: new AbortController().signal });
  t.after(stream.close);
  assert.equal(stream.missing, null);
  return { first: await stream.send(), again: stream.send };
}

function assertWhole({ due, counts, sent, closed, amiss }: StreamRecord): void {
  assert.ok(sent > 0 && due > 0);
  assert.deepEqual(counts, {
    delivered: due,
    lost: 0,
    outstanding: 0,
    duplicated: 0,
    reordered: 0,
    unasked: 0,
  });
  assert.deepEqual([closed, amiss], [{}, []]);
}

test("openStream() finds an echo whole, and a second stream over the same connections as well", async (t) => {
  const { first, again } = await streamOnce(t, "echo", { rate: 300 });
  assertWhole(first);
  assert.equal(first.due, first.sent);
  const second = await again();
  assertWhole(second);
  assert.equal(second.latency.corrected.count, second.sent);
});

test("openStream() finds all that is said in a room at each who is there", async (t) => {
  const { first } = await streamOnce(t, "room", { rate: 300 });
  assertWhole(first);
  assert.equal(first.due, 4 * first.sent);
});

test("openStream() sees a server stall in the latency from when messages were due", async (t) => {
  const { first } = await streamOnce(t, "echo", { rate: 500, stalls: true });
  assertWhole(first);
  const { p50, p99 } = first.latency.corrected;
  // of what was due, more than a third waited for the end of a stall
  assert.ok(p50 !== null && p99 !== null && p99 > STALL_MS / 2 && p50 < p99, `${p50}, ${p99}`);
});

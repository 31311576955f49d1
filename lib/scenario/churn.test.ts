/** Crowds of real clients at real servers: each way of going is seen to leave nothing at a good one, and what a bad one keeps is told. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws";
import { answerTo, startRaw } from "../clients/fixtures/servers.ts";
import { type ChurnSettings, churnOnce, countFewest, WAYS, type Way } from "./churn.ts";
import type { TargetRun } from "./target-run.ts";

const CLIENTS = 6;
/** Long enough for who answers, also where the box is busy. */
const BEAT_MS = 250;
const BOOM = '{"type":"boom"}';

interface Behaviour {
  /** Takes no more than so many, and tells others to try again later. */
  readonly cap?: number;
  /** At the cap drops the one that came first, and lets the next one in. */
  readonly evicts?: boolean;
  /** Drops who does not answer. */
  readonly heartbeat?: boolean;
  /** Goes on counting those that went without a close frame. */
  readonly keepsAbrupt?: boolean;
  readonly ws?: ServerOptions;
}

/** Counts its subscribers as such a server would, and its connections as the kernel would. */
async function startServer(t: TestContext, { heartbeat = true, ...behaviour }: Behaviour) {
  const http: Server = createServer();
  const open = new Set<Socket>();
  const subscribers = new Set<WebSocket>();
  http.on("connection", (socket: Socket) => {
    socket.on("error", () => {});
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  const server = new WebSocketServer({ server: http, ...behaviour.ws });
  server.on("connection", (client) => {
    client.on("error", () => {});
    if (subscribers.size >= (behaviour.cap ?? Infinity)) {
      if (!behaviour.evicts) return client.close(1013, "try again later");
      for (const first of [...subscribers].slice(0, 1)) {
        subscribers.delete(first);
        first.terminate();
      }
    }
    subscribers.add(client);
    client.once("close", (code) => {
      if (!(behaviour.keepsAbrupt && code === 1006)) subscribers.delete(client);
    });
    client.on("message", (data) => String(data) === BOOM && client.close(1011));
    if (heartbeat) endIfSilent(t, client);
  });
  t.after(() => {
    for (const socket of open) socket.destroy();
    http.close();
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/`;
  return { url, open, subscribers };
}

function endIfSilent(t: TestContext, client: WebSocket): void {
  let answered = true;
  client.on("pong", () => {
    answered = true;
  });
  const timer = setInterval(() => {
    if (!answered) client.terminate();
    answered = false;
    client.ping();
  }, BEAT_MS);
  client.once("close", () => clearInterval(timer));
  t.after(() => clearInterval(timer));
}

type Started = Awaited<ReturnType<typeof startServer>>;

/** `counts`: whether it tells how many subscribers it has. */
function settingsOf({ url, open, subscribers }: Started, counts = true): ChurnSettings {
  const target = {
    running: { url },
    readNamed: async () => (counts ? { subscribers: subscribers.size } : {}),
    countSockets: async () => open.size,
  };
  return {
    target: target as unknown as TargetRun,
    clients: CLIENTS,
    headers: {},
    message: BOOM,
    socketsBefore: 0,
    timeoutMs: 2000,
    settleMs: 2000,
    silenceMs: 2000,
    signal: new AbortController().signal,
  };
}

/** How a server that keeps to the protocol ends them, where that is its part. */
const ENDED_BY: Partial<Record<Way, object>> = {
  polite: { 1000: CLIENTS },
  destroy: { destroy: CLIENTS },
  reset: { reset: CLIENTS },
  boom: { 1011: CLIENTS },
};

for (const way of WAYS) {
  test(`churnOnce() finds nothing left at a good server after ${way}`, async (t) => {
    const record = await churnOnce(7, way, settingsOf(await startServer(t, {})));
    const { cycle, asked, opened, refused, failed, leftSubscribers, leftSockets, keptSilent, late } = record;
    assert.deepEqual([cycle, record.way, asked, opened], [7, way, CLIENTS, CLIENTS]);
    assert.deepEqual([refused, failed], [{}, {}]);
    assert.deepEqual([leftSubscribers, leftSockets, keptSilent, late], [0, 0, 0, 0]);
    assert.equal(record.peakSubscribers, way === "handshake" ? null : CLIENTS);
    assert.equal(record.held, way === "handshake" ? 0 : CLIENTS);
    if (ENDED_BY[way]) assert.deepEqual(record.endedBy, ENDED_BY[way]);
  });
}

test("churnOnce() tells how many a server let in above its cap, and how it told the others", async (t) => {
  const { opened, refused, peakSubscribers } = await churnOnce(
    0,
    "polite",
    settingsOf(await startServer(t, { cap: 4 })),
  );
  assert.deepEqual([opened, refused, peakSubscribers], [4, { 1013: 2 }, 4]);
});

test("churnOnce() tells those that were there at the same time from those that came", async (t) => {
  const { held } = await churnOnce(0, "destroy", settingsOf(await startServer(t, { cap: 4, evicts: true })));
  assert.equal(held, 4);
});

test("churnOnce() tells by status who was refused before the upgrade", async (t) => {
  const ws: ServerOptions = { verifyClient: (_, answer) => answer(false, 503) };
  const { opened, refused } = await churnOnce(0, "polite", settingsOf(await startServer(t, { ws })));
  assert.deepEqual([opened, refused], [0, { 503: CLIENTS }]);
});

test("churnOnce() tells subscribers that a server keeps after an abrupt end", async (t) => {
  const server = await startServer(t, { keepsAbrupt: true });
  const { leftSubscribers, leftSockets } = await churnOnce(0, "destroy", {
    ...settingsOf(server),
    settleMs: 50,
  });
  assert.deepEqual([leftSubscribers, leftSockets], [CLIENTS, 0]);
});

test("churnOnce() tells connections that a server leaves half-open, also one that counts nothing itself", async (t) => {
  const server = await startRaw(t, (socket) => {
    socket.allowHalfOpen = true;
    socket.resume();
  });
  const settings = { ...settingsOf({ ...server, subscribers: new Set() }, false), settleMs: 50 };
  const { leftSubscribers, leftSockets } = await churnOnce(0, "handshake", settings);
  assert.equal(leftSubscribers, null);
  // at the first look not all may have been accepted yet, and the fewest count
  assert.ok((leftSockets ?? 0) > 0, `${leftSockets} left`);
});

test("churnOnce() tells silent clients that a server does not drop in time", async (t) => {
  const settings = { ...settingsOf(await startServer(t, { heartbeat: false })), silenceMs: 50 };
  const { keptSilent, opened, leftSubscribers } = await churnOnce(0, "silence", settings);
  assert.deepEqual([keptSilent, opened, leftSubscribers], [CLIENTS, CLIENTS, 0]);
});

test("churnOnce() tells close frames that a server does not answer", async (t) => {
  // an upgrade, and nothing after it
  const server = await startRaw(t, (socket) => {
    socket.once("data", (request) => socket.write(answerTo(request)));
  });
  const settings = settingsOf({ ...server, subscribers: new Set() }, false);
  const { opened, late } = await churnOnce(0, "polite", { ...settings, timeoutMs: 300, settleMs: 50 });
  assert.deepEqual([opened, late], [CLIENTS, CLIENTS]);
});

test("churnOnce() does not take a count that it could not have for an empty server", async (t) => {
  const settings = settingsOf(await startServer(t, {}), false);
  const counts = [null, null, 0];
  const target = { ...settings.target, countSockets: async () => counts.shift() ?? null };
  const { leftSockets } = await churnOnce(0, "polite", { ...settings, target: target as TargetRun });
  assert.deepEqual([leftSockets, counts.length], [0, 0]);
});

test("churnOnce() does not wait where nobody can count", async (t) => {
  const settings = { ...settingsOf(await startServer(t, {}), false), socketsBefore: null };
  const startedMs = performance.now();
  const { leftSubscribers, leftSockets } = await churnOnce(0, "polite", { ...settings, settleMs: 60_000 });
  assert.deepEqual([leftSubscribers, leftSockets], [null, null]);
  assert.ok(performance.now() - startedMs < 30_000);
});

test("churnOnce() does not blame a crowd for connections that were there before", async (t) => {
  const server = await startServer(t, {});
  const { leftSockets } = await churnOnce(0, "polite", { ...settingsOf(server), socketsBefore: 3 });
  assert.equal(leftSockets, -3);
});

test("churnOnce() without a URL to connect to is a mistake of ours", async () => {
  const nowhere = { url: null, open: new Set(), subscribers: new Set() } as unknown as Started;
  await assert.rejects(churnOnce(0, "polite", settingsOf(nowhere)), /^Error: Cannot connect: /);
});

test("countFewest() finds the moment at which nobody asks after the server's health", async () => {
  const counts = [3, 2, null, 4];
  const target = { countSockets: async () => counts.shift() ?? null } as unknown as TargetRun;
  const { signal } = new AbortController();
  assert.equal(await countFewest({ target, signal }, 250), 2);
  assert.equal(await countFewest({ target, signal }, 10), null);
});

test("churnOnce() gives silent clients their time where nobody can count them", async (t) => {
  const settings = { ...settingsOf(await startServer(t, {}), false), socketsBefore: null };
  const { keptSilent, opened } = await churnOnce(0, "silence", { ...settings, silenceMs: 1000 });
  assert.deepEqual([keptSilent, opened], [0, CLIENTS]);
});

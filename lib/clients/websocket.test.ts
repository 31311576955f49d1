/** What each mode does on the wire, as real servers see it; and that no wrong answer counts as a connection. */
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { WebSocket } from "ws";
import { QUICKEST, RUNTIMES, run, skipReason } from "../../test/command.ts";
import { withCanary } from "../canary.ts";
import { answerTo, startRaw, startWs } from "./fixtures/servers.ts";
import { churn, connectMany } from "./websocket.ts";

/** Nothing of a test of these may be left, and what closes may take its time on a busy box. */
const LEAVES_NOTHING = { allowed: 0, graceMs: 2000 };

/** Close codes and errors, as the server sees each connection end. */
function watchEnds(server: import("ws").WebSocketServer) {
  const ends: string[] = [];
  const all: Promise<unknown>[] = [];
  server.on("connection", (client: WebSocket, request: { socket: Socket }) => {
    let error = "";
    client.on("error", () => {});
    request.socket.on("error", (reason: NodeJS.ErrnoException) => {
      error = ` ${reason.code}`;
    });
    all.push(
      once(client, "close").then(([code]) => {
        ends.push(`${code}${error}`);
      }),
    );
  });
  return { ends, settled: () => Promise.all(all) };
}

test(
  "connectMany() holds what it opened, at other addresses of the server too, and ends it politely: 1000 on both sides",
  withCanary(async (t) => {
    const { server, url } = await startWs(t);
    const { ends, settled } = watchEnds(server);
    const peers = new Set<string | undefined>();
    server.on("connection", (_, request) => peers.add(request.socket.localAddress));
    const clients = await connectMany({
      url,
      count: 100,
      concurrency: 10,
      hosts: ["127.0.0.1", "127.0.0.2"],
    });
    assert.equal(clients.opened, 100);
    assert.equal(clients.held, 100);
    assert.deepEqual([...peers].sort(), ["127.0.0.1", "127.0.0.2"]);
    assert.ok(
      (clients.latencyMs.p50 ?? 0) > 0 && (clients.latencyMs.max ?? 0) >= (clients.latencyMs.p99 ?? 1),
    );
    const ended = await clients.end("polite", 60);
    assert.deepEqual([ended.by, ended.late, clients.held], [{ 1000: 60 }, 0, 40]);
    await clients.end("polite");
    await settled();
    assert.deepEqual([ends.length, new Set(ends)], [100, new Set(["1000"])]);
    assert.deepEqual(clients.closed, {});
  }, LEAVES_NOTHING),
);

test("connectMany() destroys without a close frame (1006 at the server), and resets with RST", async (t) => {
  const { server, url } = await startWs(t);
  const { ends, settled } = watchEnds(server);
  const clients = await connectMany({ url, count: 6 });
  assert.deepEqual((await clients.end("destroy", 3)).by, { destroy: 3 });
  assert.deepEqual((await clients.end("reset")).by, { reset: 3 });
  await settled();
  assert.deepEqual(ends.sort(), [
    "1006",
    "1006",
    "1006",
    "1006 ECONNRESET",
    "1006 ECONNRESET",
    "1006 ECONNRESET",
  ]);
});

test("connectMany() answers pings, unless silenced: then neither pings nor the server's end", async (t) => {
  const { server, url } = await startWs(t);
  const clients = await connectMany({ url, count: 2 });
  const [first, second] = [...server.clients] as [WebSocket, WebSocket];
  first.ping("are you there?");
  assert.equal(String((await once(first, "pong"))[0]), "are you there?");
  clients.silence(1);
  assert.equal(clients.held, 1);
  let pongs = 0;
  first.on("pong", () => pongs++);
  first.ping();
  // the other's answer comes later than the first's would
  second.ping();
  await once(second, "pong");
  assert.equal(pongs, 0);
  first.terminate();
  second.ping();
  await once(second, "pong");
  assert.deepEqual(clients.closed, {});
  const { by } = await clients.letGo();
  assert.deepEqual([clients.closed, by], [{ 1006: 1 }, { destroy: 1 }]);
});

test("connectMany() sends what makes a handler throw, and tells what the server did", async (t) => {
  const { server, url } = await startWs(t);
  const { ends, settled } = watchEnds(server);
  server.on("connection", (client) =>
    client.on("message", (text) => {
      assert.equal(String(text), '{"type":"boom"}');
      client.close(1011, "handler");
    }),
  );
  const clients = await connectMany({ url, count: 3, message: '{"type":"boom"}' });
  assert.deepEqual((await clients.end("boom")).by, { 1011: 3 });
  assert.deepEqual(clients.reasons, { 1011: "handler" });
  await settled();
  assert.deepEqual(ends, ["1011", "1011", "1011"]);
});

test("connectMany() counts as refused what a server accepts and closes at once: cap", async (t) => {
  const { server, url } = await startWs(t);
  server.on("connection", (client) => {
    // not in the same turn as the answer: only a confirmed connection is sure to have seen it
    if (server.clients.size > 4) setImmediate(() => client.close(1013, "try again later"));
  });
  const clients = await connectMany({ url, count: 10, confirm: true });
  assert.deepEqual([clients.opened, clients.held, clients.refused], [4, 4, { 1013: 6 }]);
  assert.deepEqual(clients.reasons, { 1013: "try again later" });
  await clients.end("polite");
});

test("connectMany() counts HTTP refusals by status, and sends headers", async (t) => {
  const verifyClient: import("ws").VerifyClientCallbackAsync = ({ req }, answer) =>
    answer(req.headers.authorization === "Bearer right", 401);
  const { url } = await startWs(t, { verifyClient });
  const wrong = await connectMany({ url, count: 3, headers: { Authorization: "Bearer wrong" } });
  assert.deepEqual([wrong.opened, wrong.refused, wrong.failed], [0, { 401: 3 }, {}]);
  const right = await connectMany({ url, count: 3, headers: { Authorization: "Bearer right" } });
  assert.equal(right.opened, 3);
  await right.end("destroy");
});

test("connectMany() reads an answer that comes byte by byte, with frames right behind it", async (t) => {
  const { url } = await startRaw(t, (socket) =>
    socket.setNoDelay().once("data", async (request) => {
      const hello = Buffer.from([0x81, 2, 0x68, 0x69]);
      for (const byte of Buffer.concat([Buffer.from(answerTo(request)), hello])) {
        socket.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      socket.end(Buffer.from([0x88, 2, 0x03, 0xe9]));
    }),
  );
  const clients = await connectMany({ url, count: 1 });
  assert.equal(clients.opened, 1);
  await clients.end("polite");
  assert.equal(clients.messages, 1);
});

test("connectMany() reads a close frame in the same piece as the answer as a refusal", async (t) => {
  const { url } = await startRaw(t, (socket) =>
    socket.once("data", (request) =>
      socket.end(Buffer.concat([Buffer.from(answerTo(request)), Buffer.from([0x88, 2, 0x03, 0xf5])])),
    ),
  );
  const { opened, refused } = await connectMany({ url, count: 2 });
  assert.deepEqual([opened, refused], [0, { 1013: 2 }]);
});

test("connectMany() opens nothing at a server that answers wrongly, too much or nothing", async (t) => {
  const answers: ((socket: Socket, request: Buffer) => void)[] = [
    (socket, request) => socket.write(answerTo(request, { "Sec-WebSocket-Accept": "x".repeat(28) })),
    (socket) => socket.write(`HTTP/1.1 101 Yes\r\nX: ${"x".repeat(20_000)}`),
    (socket) => socket.end(),
    (socket) => socket.resetAndDestroy(),
    (socket, request) =>
      socket.write(Buffer.concat([Buffer.from(answerTo(request)), Buffer.from([0xff, 0])])),
    () => {},
  ];
  let next = 0;
  const { url } = await startRaw(t, (socket) => {
    const answer = answers[next++];
    socket.once("data", (request) => answer?.(socket, request));
  });
  const settings = { url, count: answers.length, concurrency: 1, timeoutMs: 200 };
  const { opened, refused, failed } = await connectMany(settings);
  assert.deepEqual([opened, refused], [0, {}]);
  assert.deepEqual(failed, {
    "invalid answer: wrong Sec-WebSocket-Accept": 1,
    "invalid answer: a head of more than 16384 bytes": 1,
    "closed before an answer": 1,
    ECONNRESET: 1,
    "invalid frame: a reserved bit is set": 1,
    timeout: 1,
  });
});

test("connectMany() ends at once when it is told to, and keeps what is open", async (t) => {
  const stop = new AbortController();
  let seen = 0;
  const { url, open } = await startRaw(t, (socket) =>
    socket.once("data", (request) => {
      if (++seen <= 2) socket.write(answerTo(request));
      else if (seen === 4) stop.abort();
    }),
  );
  const clients = await connectMany({ url, count: 100, concurrency: 2, signal: stop.signal });
  assert.deepEqual([clients.opened, clients.failed, clients.held], [2, { aborted: 2 }, 2]);
  await clients.end("destroy");
  await Promise.all([...open].map((socket) => once(socket, "close")));
});

test("connectMany() tells who is not there", async (t) => {
  const { server, url } = await startRaw(t, () => {});
  server.close();
  await once(server, "close");
  assert.deepEqual((await connectMany({ url, count: 2 })).failed, { ECONNREFUSED: 2 });
});

test("connectMany() stops waiting for a server that never closes", async (t) => {
  const { url } = await startRaw(t, (socket) =>
    socket.once("data", (request) => socket.write(answerTo(request))),
  );
  const clients = await connectMany({ url, count: 3, timeoutMs: 100 });
  const { by, late } = await clients.end("polite");
  assert.deepEqual([by, late, clients.held], [{}, 3, 0]);
});

test("connectMany() speaks over a Unix socket", async (t) => {
  const path = join(tmpdir(), `proofload-test-clients-${process.pid}.sock`);
  const { url } = await startRaw(
    t,
    (socket) => socket.once("data", (request) => socket.write(answerTo(request))),
    path,
  );
  const clients = await connectMany({ url, count: 3 });
  assert.equal(clients.opened, 3);
  assert.deepEqual((await clients.end("reset")).by, { reset: 3 });
});

for (const runtime of RUNTIMES) {
  test(`clients load a server in every way on ${runtime.name}`, {
    skip: skipReason(runtime.missing),
  }, async (t) => {
    const { url } = await startWs(t);
    const { stdout, stderr } = await run("lib/clients/fixtures/load.ts", [url, "30"], runtime);
    assert.deepEqual(JSON.parse(stdout || JSON.stringify(stderr)), {
      ...{ opened: 30, failed: {}, refusedBy: null, held: 30 },
      ...{ reset: { reset: 10 }, polite: { 1000: 10 }, dropped: { destroy: 10 } },
      ...{ destroyed: { destroy: 30 }, interrupted: 30 },
    });
  });
}

test("connectMany() takes a limit of ours as a result", async (t) => {
  const { url } = await startWs(t);
  const limited = { ...QUICKEST, command: ["prlimit", "--nofile=100", ...QUICKEST.command] };
  const { stdout, stderr } = await run("lib/clients/fixtures/load.ts", [url, "200"], limited);
  const { opened, failed, refusedBy, held } = JSON.parse(stdout || JSON.stringify(stderr));
  assert.deepEqual([failed, refusedBy, held], [{}, "EMFILE", opened]);
  assert.ok(opened > 20 && opened < 100, `${opened}`);
});

for (const [ending, seen] of [
  ["polite", "1000"],
  ["destroy", "1006"],
  ["reset", "1006 ECONNRESET"],
] as const) {
  test(
    `churn() ends each connection so (${ending}), and has none left`,
    withCanary(async (t) => {
      const { server, url } = await startWs(t);
      const { ends, settled } = watchEnds(server);
      let most = 0;
      server.on("connection", () => {
        most = Math.max(most, server.clients.size);
      });
      const { opened, ended } = await churn({ url, count: 50, concurrency: 5 }, ending);
      assert.deepEqual(
        [opened, ended.by, ended.late],
        [50, { [ending === "polite" ? 1000 : ending]: 50 }, 0],
      );
      await settled();
      assert.deepEqual([ends.length, new Set(ends)], [50, new Set([seen])]);
      if (ending === "polite") assert.ok(most <= 5, `${most}`);
    }, LEAVES_NOTHING),
  );
}

test("churn() leaves before the handshake is over: after half of the request, or all of it", async (t) => {
  for (const [interruption, whole] of [
    ["mid-request", false],
    ["mid-answer", true],
  ] as const) {
    const seen: string[] = [];
    const all = new EventEmitter();
    const { url } = await startRaw(t, (socket) => {
      let text = "";
      socket.on("data", (bytes) => {
        text += bytes;
      });
      socket.on("end", () => seen.push(text) === 5 && all.emit("seen"));
    });
    const { interrupted, opened, failed } = await churn({ url, count: 5 }, interruption);
    assert.deepEqual([interrupted, opened, failed], [5, 0, {}]);
    if (seen.length < 5) await once(all, "seen");
    for (const text of seen)
      assert.deepEqual([text.startsWith("GET / "), text.endsWith("\r\n\r\n")], [true, whole]);
  }
});

test("ask() pings all that are open, and tells those who say nothing from those who answer", async (t) => {
  const { server, url } = await startWs(t, { autoPong: false });
  let came = 0;
  server.on("connection", (client: WebSocket) => {
    const answers = came++ < 7;
    client.on("ping", (data) => answers && client.pong(data));
  });
  const clients = await connectMany({ url, count: 10, concurrency: 1 });
  const { asked, answered, latencyMs } = await clients.ask(200);
  assert.deepEqual([asked, answered], [10, 7]);
  assert.ok((latencyMs.p50 ?? -1) >= 0 && (latencyMs.max ?? Infinity) < 200);
  await clients.end("destroy", 9);
  assert.deepEqual(
    [(await clients.ask(50)).asked, (await clients.end("destroy")).by, (await clients.ask(50)).asked],
    [1, { destroy: 1 }, 0],
  );
});

test("ask() does not wait for those that the server ends instead of answering", async (t) => {
  const { server, url } = await startWs(t, { autoPong: false });
  server.on("connection", (client: WebSocket) => client.on("ping", () => client.terminate()));
  const clients = await connectMany({ url, count: 3 });
  const { asked, answered } = await clients.ask(60_000);
  assert.deepEqual([asked, answered, clients.held, clients.closed], [3, 0, 0, { 1006: 3 }]);
});

test("the listener hears every message whole, in whatever pieces it comes, each ping, and how the server closed", async (t) => {
  const { server, url } = await startWs(t);
  const large = "x".repeat(300_000);
  server.on("connection", (client: WebSocket) => {
    client.on("message", (text) => {
      client.ping();
      client.send(`heard ${text}`);
      client.send(large);
      client.close(4001, "enough");
    });
  });
  const heard: [number, string][] = [];
  const gone: Promise<unknown>[] = [];
  const over = new EventEmitter();
  const clients = await connectMany({
    url,
    count: 3,
    concurrency: 1,
    listener: {
      onMessage: (index, payload) => heard.push([index, payload.toString()]),
      onPing: (index) => heard.push([index, "(ping)"]),
      onClosed: (index, kind) => over.emit(`${index}`, kind),
    },
  });
  for (const index of [1, 2]) {
    gone.push(once(over, `${index}`));
    clients.send(`I am ${index}`, index);
  }
  assert.deepEqual(await Promise.all(gone), [[4001], [4001]]);
  for (const index of [1, 2])
    assert.deepEqual(
      heard.filter(([whose]) => whose === index).map(([, what]) => what),
      ["(ping)", `heard I am ${index}`, large],
    );
  assert.deepEqual([heard.length, clients.messages, clients.held], [6, 4, 1]);
  await clients.end("destroy");
});

test("mute() makes clients that hear and answer no ping", async (t) => {
  const { server, url } = await startWs(t);
  const pongs: number[] = [];
  server.on("connection", (client: WebSocket) => client.on("pong", () => pongs.push(1)));
  let pings = 0;
  const heardAll = new EventEmitter();
  const listener = { onPing: () => ++pings === 4 && heardAll.emit("all") };
  const clients = await connectMany({ url, count: 4, listener });
  clients.mute(3);
  const all = once(heardAll, "all");
  for (const client of server.clients) client.ping();
  await all;
  await clients.ask(1000);
  assert.deepEqual([pings, pongs.length], [4, 1]);
  await clients.end("destroy");
});

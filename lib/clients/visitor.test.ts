/** Each visit reaches a real server in its own protocol; what goes wrong is told, never hidden. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createNetServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startRaw, startWs } from "./fixtures/servers.ts";
import { createVisitor, type VisitorSettings, visitOnce } from "./visitor.ts";

function visitorOf(t: TestContext, settings: Partial<VisitorSettings>) {
  const visitor = createVisitor({ url: null, events: null, headers: {}, ...settings });
  t.after(() => visitor.close());
  return visitor;
}

async function startHttp(t: TestContext, answer: RequestListener) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const connections = { count: 0 };
  server.on("connection", () => connections.count++);
  return { connections, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

/** A port where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test("createVisitor() asks http:// over one connection that it keeps, with the headers that it was given", async (t) => {
  const asked: unknown[] = [];
  const { url, connections } = await startHttp(t, ({ method, headers }, response) => {
    asked.push([method, headers.authorization]);
    response.end("ok");
  });
  const { visit } = visitorOf(t, { url, headers: { authorization: "Bearer x" } });
  for (let visits = 0; visits < 3; visits++) await visit();
  assert.deepEqual(asked, Array(3).fill(["GET", "Bearer x"]));
  assert.equal(connections.count, 1);
});

test("createVisitor() rejects with the status where a server refuses or fails, and with nothing where it redirects", async (t) => {
  const statuses = [404, 500, 302];
  const { url } = await startHttp(t, (_, response) =>
    response.writeHead(statuses.shift() ?? 200).end("sorry"),
  );
  const { visit } = visitorOf(t, { url });
  await assert.rejects(visit(), { message: "HTTP 404" });
  await assert.rejects(visit(), { message: "HTTP 500" });
  await visit();
});

test("createVisitor() publishes events to a hub: so many at each visit, none twice", async (t) => {
  const bodies: { level: string; text: string }[][] = [];
  const { url } = await startHttp(t, async (request, response) => {
    assert.deepEqual([request.method, request.url], ["POST", "/events"]);
    bodies.push(JSON.parse(Buffer.concat(await request.toArray()).toString()));
    response.writeHead(202).end();
  });
  const { visit } = visitorOf(t, { url: url.replace("http", "ws"), events: { count: 3, everyMs: 60_000 } });
  await visit();
  await visit();
  assert.deepEqual(
    bodies.map((events) => events.map(({ text }) => text)),
    [
      ["event 1", "event 2", "event 3"],
      ["event 4", "event 5", "event 6"],
    ],
  );
  assert.equal(bodies[0]?.[0]?.level, "info");
});

test("createVisitor() opens a WebSocket at ws://, and closes it politely", async (t) => {
  const { server, url } = await startWs(t);
  const codes: Promise<unknown[]>[] = [];
  server.on("connection", (client) => codes.push(once(client, "close").then(([code]) => code)));
  await visitorOf(t, { url }).visit();
  assert.deepEqual(await Promise.all(codes), [1000]);
});

test("createVisitor() rejects with the status of a WebSocket that is refused, or with what failed", async (t) => {
  const { url } = await startWs(t, { verifyClient: (_, answer) => answer(false, 403) });
  await assert.rejects(visitorOf(t, { url }).visit(), { message: "no WebSocket: HTTP 403" });
  const raw = await startRaw(t, (socket) => socket.end("what?\r\n\r\n"));
  await assert.rejects(visitorOf(t, { url: raw.url }).visit(), /^Error: no WebSocket: invalid answer: /);
});

test("visitOnce() sees that a server closes whom it has let in, and asks http:// on a connection that it ends", async (t) => {
  const { server, url } = await startWs(t);
  await visitOnce(url, {});
  server.on("connection", (client) => client.close(4401, "who are you?"));
  await assert.rejects(visitOnce(url, {}), { message: "no WebSocket: closed 4401 who are you?" });
  const http = await startHttp(t, ({ headers }, response) =>
    response.writeHead(headers.cookie ? 200 : 401).end(),
  );
  await assert.rejects(visitOnce(http.url, {}), { message: "HTTP 401" });
  await visitOnce(http.url, { cookie: "x" });
  assert.equal(http.connections.count, 2);
});

test("createVisitor() connects to tcp:// and unix:, and leaves at once", async (t) => {
  const path = join(tmpdir(), `visitor-${process.pid}.sock`);
  for (const place of [undefined, path]) {
    let ends = 0;
    const { url } = await startRaw(t, (socket) => socket.resume().once("end", () => ends++), place);
    await visitorOf(t, { url: url.replace(/^ws/, "tcp") }).visit();
    assert.equal(ends, 1, url);
  }
});

test("createVisitor() leaves a server that does not close what its client has closed: its descriptors tell that", async (t) => {
  let held: Socket | null = null;
  const server = createNetServer({ allowHalfOpen: true }, (socket) => {
    held = socket.resume();
  }).listen(0, "127.0.0.1");
  t.after(() => {
    held?.destroy();
    server.close();
  });
  await once(server, "listening");
  await visitorOf(t, { url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` }).visit();
});

test("createVisitor() rejects where nobody listens, whatever is spoken there", async (t) => {
  const port = await closedPort();
  for (const [scheme, events] of [["http"], ["ws"], ["tcp"], ["ws", 2]] as const) {
    const { visit } = visitorOf(t, {
      url: `${scheme}://127.0.0.1:${port}/`,
      events: events ? { count: events, everyMs: 60_000 } : null,
    });
    await assert.rejects(visit(), /ECONNREFUSED/, scheme);
  }
  await assert.rejects(visitorOf(t, { url: "unix:/nowhere.sock" }).visit(), /ENOENT/);
});

test("createVisitor() without a URL has nobody to visit, and says nothing", async (t) => {
  await visitorOf(t, { url: null }).visit();
});

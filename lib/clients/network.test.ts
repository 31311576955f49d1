/** The bad network with real sockets at both ends: what it says that it does to them is what happens, and the same seed does it again. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { WebSocketServer } from "ws";
import { openNetwork, planLink, type Weather } from "./network.ts";
import { connectMany } from "./websocket.ts";

/** A server that does this with each connection, behind a network. */
async function openBehind(t: TestContext, weather: Weather, serve: (socket: Socket) => void) {
  const served: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    served.push(socket.on("error", () => {}));
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const network = await openNetwork(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, weather, 7);
  t.after(async () => {
    await network.close();
    for (const socket of served) socket.destroy();
    await once(server.close(), "close");
  });
  const open = () => connect({ host: network.host, port: network.port }).on("error", () => {});
  return { network, served, open };
}

const echo = (socket: Socket) => void socket.pipe(socket);

test("openNetwork() keeps bytes and their order under delay, and passes the end on", async (t) => {
  const { network, open } = await openBehind(t, { delayMs: 3 }, echo);
  const sent = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
  const client = open();
  client.end(sent);
  const got: Buffer[] = [];
  for await (const chunk of client) got.push(chunk);
  assert.ok(Buffer.concat(got).equals(sent));
  const { messages, delayed, cut, silenced, links } = network.counts;
  assert.ok(messages >= 2);
  assert.deepEqual({ delayed, cut, silenced, links }, { delayed: messages, cut: 0, silenced: 0, links: 1 });
});

test("openNetwork() is out when it is told to be, comes back, and falls silent on every link", async (t) => {
  const { network, served, open } = await openBehind(t, { delayMs: 0 }, echo);
  const first = open();
  first.write("word");
  await once(first, "data");
  // not once(), which rejects at the reset
  const closed = (socket: Socket) => new Promise((resolve) => socket.once("close", resolve));
  const reset = closed(first);
  network.fail();
  await reset;
  await closed(open());
  assert.deepEqual([network.counts.refused, network.counts.links], [1, 1]);
  network.recover();
  const second = open();
  second.write("word");
  await once(second, "data");
  network.silence();
  second.write("more");
  second.end();
  let heard = 0;
  served[1]?.on("data", () => heard++).on("end", () => heard++);
  // by now a link that is not silent has passed it on
  const third = open();
  third.write("word");
  await once(third, "data");
  assert.deepEqual([heard, network.counts.silenced], [0, 1]);
});

test("openNetwork() cuts exactly each so-many-th message, for both ends", async (t) => {
  const { network, served, open } = await openBehind(t, { delayMs: 0, cutEvery: 5 }, echo);
  for (let cuts = 1; cuts <= 4; cuts++) {
    const client = open();
    const closed = new Promise((resolve) => client.once("close", resolve));
    // one message there and one back: the fifth is a word of the client's, or its echo
    while (network.counts.cut < cuts) {
      client.write("word");
      await Promise.race([new Promise((resolve) => client.once("data", resolve)), closed]);
    }
    await closed;
    assert.equal(network.counts.messages, 5 * cuts);
  }
  assert.equal(network.counts.links, 4);
  // by FIN or by RST
  for (const socket of served)
    while (!socket.destroyed && !socket.readableEnded) await new Promise(setImmediate);
});

test("openNetwork() falls silent in both directions: neither words nor ends come through", async (t) => {
  const { network, served, open } = await openBehind(t, { delayMs: 0, silentShare: 1 }, echo);
  const client = open();
  let heard = 0;
  client.on("data", () => heard++);
  while (network.counts.silenced === 0) {
    const before = network.counts.messages;
    client.write("word");
    while (network.counts.messages === before) await new Promise(setImmediate);
    await new Promise(setImmediate);
  }
  const heardBefore = heard;
  served[0]?.end("more");
  client.end("more");
  // by a link of its own, all that was to come would have come meanwhile
  const other = open();
  other.end("word");
  await once(other, "data");
  assert.equal(heard, heardBefore);
  assert.equal(client.readableEnded, false);
  assert.equal(served[0]?.readableEnded, false);
});

test("openNetwork() never forwards more than its rate allows, and lets the sender feel it", async (t) => {
  const bytesPerSecond = 200_000;
  const { open } = await openBehind(t, { delayMs: 0, bytesPerSecond }, (socket) => {
    socket.on("end", () => socket.end()).resume();
    socket.write(Buffer.alloc(60_000));
  });
  const startedMs = performance.now();
  const client = open();
  let got = 0;
  for await (const chunk of client) {
    got += chunk.length;
    // a piece may go at once: 50 ms of it
    const most = ((performance.now() - startedMs) / 1000 + 0.05) * bytesPerSecond;
    assert.ok(got <= most, `${got} of ${most}`);
    if (got === 60_000) client.end();
  }
  const sender = open();
  await once(sender, "connect");
  // more than all buffers on the way hold
  for (let sent = 0; sent < 256 && sender.writableLength < 2 ** 20; sent++) {
    sender.write(Buffer.alloc(65_536));
    await new Promise(setImmediate);
  }
  assert.ok(sender.writableLength >= 2 ** 20);
  sender.destroy();
});

test("connectMany() goes through a network, asked for by the server's own name", async (t) => {
  const hosts: (string | undefined)[] = [];
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (_client, request) => hosts.push(request.headers.host));
  await once(server, "listening");
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const network = await openNetwork(url, { delayMs: 1 }, 7);
  t.after(async () => {
    await network.close();
    server.close();
  });
  const clients = await connectMany({ url, count: 3, through: network, confirm: true });
  assert.equal(clients.held, 3);
  assert.deepEqual(new Set(hosts), new Set([new URL(url).host]));
  await clients.end("polite");
  assert.equal(network.counts.links, 3);
});

test("planLink() draws the same links for the same seed, others for another", () => {
  const plans = (seed: number) =>
    Array.from({ length: 40 }, (_, index) => planLink({ silentShare: 0.5 }, seed, index));
  assert.deepEqual(plans(3), plans(3));
  assert.notDeepEqual(plans(3), plans(4));
  const silent = plans(3).filter(({ silentAfter }) => silentAfter !== null);
  assert.ok(silent.length > 8 && silent.length < 32, `${silent.length}`);
});

test("openNetwork() leaves nothing open after its close, and resets who comes to a server that is not there", async () => {
  const handles = () => process.getActiveResourcesInfo().filter((kind) => /TCP/.test(kind)).length;
  const before = handles();
  const network = await openNetwork("tcp://127.0.0.1:1", {}, 1);
  const client = connect({ host: network.host, port: network.port });
  const [error] = await once(client, "error");
  assert.equal(error.code, "ECONNRESET");
  if (!client.closed) await once(client, "close");
  await network.close();
  assert.ok(handles() <= before);
});

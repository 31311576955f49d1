/** Connections that say nothing: counted as they are opened, refused, closed by the server and by us. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createCrowd } from "./crowd.ts";
import { holdPlain } from "./plain.ts";

interface Listening {
  readonly url: string;
  readonly sockets: Set<Socket>;
  /** Resolves when so many are there. */
  become(count: number): Promise<void>;
}

async function listen(t: TestContext, path?: string): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.resume().on("error", () => {});
    socket.once("close", () => {
      sockets.delete(socket);
      server.emit("count");
    });
    server.emit("count");
  });
  server.listen(path === undefined ? { port: 0, host: "127.0.0.1" } : { path });
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const url = typeof address === "string" ? `unix:${address}` : `tcp://127.0.0.1:${address?.port}`;
  const become = async (count: number) => {
    while (sockets.size !== count) await once(server, "count");
  };
  return { url, sockets, become };
}

test("holdPlain() holds what it opened on TCP and on a Unix socket, and closes it", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "proofload-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const path of [undefined, join(folder, "x.sock")]) {
    const server = await listen(t, path);
    const plain = holdPlain(server.url, 5000);
    await plain.open(100);
    await server.become(100);
    await plain.open(5);
    await server.become(105);
    assert.deepEqual([plain.held, plain.failed, plain.closed, plain.refusedBy], [105, {}, {}, null]);
    plain.close();
    await server.become(0);
    assert.deepEqual([plain.held, plain.closed], [0, {}], "what we close the server has not closed");
  }
});

test("holdPlain() counts what the server closes or resets, and what it refuses", async (t) => {
  const server = await listen(t);
  const plain = holdPlain(server.url, 5000);
  t.after(plain.close);
  await plain.open(3);
  await server.become(3);
  const [one, other] = server.sockets;
  one?.end();
  other?.resetAndDestroy();
  while (plain.held > 1) await new Promise(setImmediate);
  assert.deepEqual(plain.closed, { closed: 1, ECONNRESET: 1 });

  const gone = holdPlain("tcp://127.0.0.1:1", 5000);
  await gone.open(2);
  assert.deepEqual([gone.held, gone.failed], [0, { ECONNREFUSED: 2 }]);
});

test("createCrowd() speaks no WebSocket to tcp://, and none any more once it fell silent", async (t) => {
  const server = await listen(t);
  const { signal } = new AbortController();
  const mute = createCrowd(server.url, {}, signal);
  await mute.open(2);
  assert.deepEqual([mute.held, mute.tell().plain, mute.fallSilent()], [2, 2, false]);
  await mute.end();
  await server.become(0);

  const crowd = createCrowd(server.url.replace("tcp:", "ws:"), {}, signal);
  assert.equal(crowd.fallSilent(), true);
  await crowd.open(3);
  assert.equal(crowd.tell().plain, 3);
  await crowd.end();
  assert.equal(crowd.held, 0);
});

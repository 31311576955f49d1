/** Joining a namespace of a real Socket.IO server that does not answer, or goes away. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { Server } from "socket.io";
import { joined, loadSocketIo } from "./socket-io.ts";

/** Lets nobody into its namespace, and says nothing of it; `onWish`: what it does instead. */
async function connectTo(t: TestContext, onWish: (io: Server) => void) {
  const http = createServer().listen(0, "127.0.0.1");
  await once(http, "listening");
  const io = new Server(http);
  io.use(() => onWish(io));
  const open = await loadSocketIo();
  const { port } = http.address() as AddressInfo;
  const manager = open({
    ...{ url: `ws://127.0.0.1:${port}`, headers: {}, transport: "websocket", backoff: null, timeoutMs: 200 },
  });
  const socket = manager.socket("/");
  t.after(async () => {
    socket.disconnect();
    await io.close();
  });
  return socket;
}

test("joined() rejects where a server takes the connection and does not answer the wish to join", async (t) => {
  await assert.rejects(joined(await connectTo(t, () => {})), /no answer to its wish to join/);
});

test("joined() rejects where the connection ends before it has joined", async (t) => {
  const socket = await connectTo(t, (io) => io.engine.close());
  await assert.rejects(joined(socket), /closed before it had joined/);
});

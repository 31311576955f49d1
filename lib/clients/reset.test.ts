/** A reset of a connection in each of its states: it is over, and its other end hears of it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { reset } from "./reset.ts";

const WITHIN_MS = 5000;

/** `near` is the server's end. */
async function withConnection(use: (far: Socket, near: Socket) => Promise<void>): Promise<void> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const far = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const [near] = (await once(server, "connection")) as [Socket];
  if (far.connecting) await once(far, "connect");
  try {
    await use(far, near);
  } finally {
    near.destroy();
    server.close();
    await once(server, "close");
  }
}

const closed = (socket: Socket) => once(socket, "close", { signal: AbortSignal.timeout(WITHIN_MS) });

test("an open connection is reset: the other end is told ECONNRESET", () =>
  withConnection(async (far, near) => {
    const told = once(near, "error", { signal: AbortSignal.timeout(WITHIN_MS) });
    near.resume();
    reset(far);
    await closed(far);
    // `once` rejects with an "error" only where it waits for another event
    const [error] = await told;
    assert.equal(error.code, "ECONNRESET");
  }));

test("a connection that is just ending is over, though nothing can reset it then", () =>
  withConnection(async (far, near) => {
    near.on("error", () => {}).resume();
    far.end();
    // shutdown(2) is asked for, and not yet done
    await new Promise<void>((resolve) => process.nextTick(() => process.nextTick(resolve)));
    assert.equal(far.writableFinished, false);
    const over = closed(far);
    reset(far);
    await over;
  }));

test("a connection whose last words are not taken is over at once", () =>
  withConnection(async (far, near) => {
    near.pause();
    far.end(Buffer.alloc(16 * 1024 * 1024));
    const over = closed(far);
    reset(far);
    await over;
  }));

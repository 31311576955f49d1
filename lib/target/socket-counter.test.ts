/** Real sockets: those of the target are counted, those of others are not, and a count in slices comes to the same. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { openSocketCounter, type SocketCounter } from "./socket-counter.ts";
import { openTcpSweep, type TcpRow } from "./tcp-sweep.ts";

const skip = process.platform === "linux" ? false : "needs /proc";

async function listen(t: TestContext): Promise<{ server: Server; port: number; accepted: Socket[] }> {
  const accepted: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket.on("error", () => {}));
  }).listen(0, "127.0.0.1");
  t.after(() => {
    server.close();
    for (const socket of accepted) socket.destroy();
  });
  await once(server, "listening");
  return { server, port: (server.address() as { port: number }).port, accepted };
}

async function connectTo(t: TestContext, port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").resume();
  t.after(() => socket.resetAndDestroy());
  await once(socket, "connect");
  return socket;
}

async function recount(counter: SocketCounter) {
  await counter.recount();
  return counter.read();
}

test("openTcpSweep() gives every row, however often it stops on the way", { skip }, async (t) => {
  const { port } = await listen(t);
  for (let at = 0; at < 120; at++) await connectTo(t, port);
  const sweep = openTcpSweep(process.pid);
  t.after(sweep.close);
  for (const stopAtMs of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    // the kernel may give one twice when others come and go
    const inodes = new Set<number>();
    let stops = 0;
    const visit = (row: TcpRow) => {
      if (row.localPort === port) inodes.add(row.inode());
    };
    while (!sweep.advance(visit, stopAtMs)) stops++;
    sweep.restart();
    // and the one that listens
    assert.equal(inodes.size, 121);
    // the kernel gives some 27 rows a read
    assert.equal(stops > 3, stopAtMs < 0);
  }
});

test("openSocketCounter() counts on the ports of those whose sockets it is told, and on no other", {
  skip,
}, async (t) => {
  const ours = await listen(t);
  const theirs = await listen(t);
  const inodes = new Set([inodeOf(ours.port)]);
  const counter = openSocketCounter(process.pid, () => inodes);
  t.after(counter.close);
  await connectTo(t, ours.port);
  await connectTo(t, theirs.port);
  assert.deepEqual(await recount(counter), { held: 1, established: 1, closeWait: 0, closing: 0 });
  // one that comes to listen later, or turns out to be the target's
  inodes.add(inodeOf(theirs.port));
  counter.reconsider();
  assert.deepEqual(await recount(counter), { held: 2, established: 2, closeWait: 0, closing: 0 });
});

test("openSocketCounter() tells what only the kernel still closes from what the target holds", {
  skip,
}, async (t) => {
  const { port, server, accepted } = await listen(t);
  const inode = inodeOf(port);
  const counter = openSocketCounter(process.pid, () => new Set([inode]));
  t.after(counter.close);
  const client = await connectTo(t, port);
  assert.equal((await recount(counter)).held, 1);
  // who closes first is left in TIME_WAIT
  accepted[0]?.end();
  client.end();
  await once(client, "close");
  while ((await recount(counter)).held > 0) await nextTurn();
  assert.deepEqual(await recount(counter), { held: 0, established: 0, closeWait: 0, closing: 1 });
  // its port is the target's still when nothing listens on it any more
  await connectTo(t, port);
  server.close();
  assert.deepEqual(await recount(counter), { held: 1, established: 1, closeWait: 0, closing: 1 });
});

test("openSocketCounter() throws when it cannot be told whose they are, and counts again when it can", {
  skip,
}, async (t) => {
  const { port } = await listen(t);
  const inodes = new Set([inodeOf(port)]);
  let refused = true;
  const counter = openSocketCounter(process.pid, () => {
    if (refused) throw new Error("may not list");
    return inodes;
  });
  t.after(counter.close);
  await connectTo(t, port);
  await assert.rejects(counter.recount(), { message: "may not list" });
  refused = false;
  assert.equal((await recount(counter)).held, 1);
});

test("openSocketCounter() keeps nothing open once it is closed", { skip }, () => {
  const before = readdirSync("/proc/self/fd").length;
  const counter = openSocketCounter(process.pid, () => new Set());
  counter.reconsider();
  counter.close();
  assert.equal(readdirSync("/proc/self/fd").length, before);
});

function inodeOf(port: number): number {
  const sweep = openTcpSweep(process.pid);
  let found = 0;
  sweep.advance((row) => {
    if (row.localPort === port && !found) found = row.inode();
  }, Number.POSITIVE_INFINITY);
  sweep.close();
  return found;
}

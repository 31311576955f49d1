/** Opens descriptors of one kind until it has as many as asked or is refused, holds them, closes them. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, statSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Hold, stressor, type Task } from "../lib/stress/stressor.ts";

export interface HoldDescriptors extends Task {
  /** Descriptors to open. */
  readonly amount: number;
  /** How many the whole process may have open: a new thread has taken some of them already. */
  readonly ceiling: number;
  readonly kind: "file" | "socket" | "pipe";
  /** A private folder: the pipe lives there. */
  readonly folder: string;
}

/** What was taken: more of it, or the errno that refused; and how to give it all back. */
interface Taken {
  readonly descriptors: number;
  readonly refusedBy: string | null;
  close(): void | Promise<void>;
}

export default stressor(async (asked: HoldDescriptors, hold) => {
  const startedMs = performance.now();
  const task = { ...asked, amount: Math.min(asked.amount, asked.ceiling - statSync("/proc/self/fd").size) };
  const taken = task.kind === "socket" ? await openSockets(task, hold) : openFiles(task, hold);
  const acquiredMs = performance.now() - startedMs;
  hold.untilReleased();
  await taken.close();
  hold.report(0);
  return { descriptors: taken.descriptors, refusedBy: taken.refusedBy, acquiredMs };
});

/** A pipe is opened by its name (fifo(7)): for reading and writing, so that nobody has to be at the other end. */
function openFiles({ amount, kind, folder }: HoldDescriptors, hold: Hold): Taken {
  const path = kind === "pipe" ? makePipe(folder) : fileURLToPath(import.meta.url);
  const flags = kind === "pipe" ? "r+" : "r";
  const open: number[] = [];
  let refusedBy: string | null = null;
  while (open.length < amount && refusedBy === null && !hold.over) {
    try {
      open.push(openSync(path, flags));
    } catch (error) {
      refusedBy = refusal(error);
    }
    // a store to shared memory each time would cost more than the system call's own entry
    if (open.length % 64 === 0) hold.report(open.length);
  }
  hold.report(open.length);
  const close = () => {
    for (const fd of open) closeSync(fd);
  };
  return { descriptors: open.length, refusedBy, close };
}

function makePipe(folder: string): string {
  const path = join(folder, "pipe");
  const { error, stderr } = spawnSync("mkfifo", [path], { encoding: "utf8" });
  if (error || stderr) throw new Error(`Cannot make a pipe: ${error?.message ?? stderr.trim()}`);
  return path;
}

/** A third of the ports that one destination has for its clients by default, 32768 to 60999 (ip(7)). */
const PAIRS_PER_ADDRESS = 10_000;
/** Long enough for a box under any load: what else can refuse a pair is told by an event. */
const PAIR_TIMEOUT_MS = 5000;

/** Connections to ourselves on loopback: each takes a descriptor at both ends, after one for the listener of so many. */
async function openSockets({ amount }: HoldDescriptors, hold: Hold): Promise<Taken> {
  const servers: Server[] = [];
  const sockets: Socket[] = [];
  const accepted: Socket[] = [];
  let refusedBy: string | null = null;
  const count = () => servers.length + sockets.length + accepted.length;
  while (refusedBy === null && !hold.over) {
    const full = sockets.length >= servers.length * PAIRS_PER_ADDRESS;
    if (count() + (full ? 3 : 2) > amount) break;
    refusedBy = full ? await openServer(servers, accepted) : await openPair(servers, sockets);
    hold.report(count());
  }
  // the listeners stay open: one that closes resets what it has not accepted yet
  const close = async () => {
    for (const socket of [...sockets, ...accepted]) socket.resetAndDestroy();
    for (const server of servers) {
      server.close();
      await once(server, "close");
    }
  };
  return { descriptors: count(), refusedBy, close };
}

/** Listens on the next address: all of 127.0.0.0/8 is ours on Linux. */
async function openServer(servers: Server[], accepted: Socket[]): Promise<string | null> {
  const server = createServer((socket) => accepted.push(socket));
  try {
    server.listen(0, `127.0.0.${servers.length + 1}`);
    await once(server, "listening");
    servers.push(server);
    return null;
  } catch (error) {
    return refusal(error);
  }
}

/** Resolves when both ends are there, or with what refused one of them. */
function openPair(servers: readonly Server[], sockets: Socket[]): Promise<string | null> {
  const server = servers.at(-1) as Server;
  const { address, port } = server.address() as AddressInfo;
  // without a reader there is no end
  const socket = connect(port, address).resume();
  return new Promise((resolve, reject) => {
    let ends = 0;
    const settle = (refusedBy: string | null) => {
      clearTimeout(timer);
      server.off("connection", onEnd);
      if (refusedBy === null) sockets.push(socket);
      else socket.destroy();
      resolve(refusedBy);
    };
    const onEnd = () => {
      ends++;
      if (ends === 2) settle(null);
    };
    const timer = setTimeout(settle, PAIR_TIMEOUT_MS, "ETIMEDOUT");
    socket.once("connect", onEnd);
    server.once("connection", onEnd);
    // at EMFILE libuv takes the connection and closes it at once: the server never hears of it
    for (const event of ["end", "close"]) socket.once(event, () => ends < 2 && settle("EMFILE"));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // a reset at the end is how these are closed
      if (ends === 2) return;
      if (error.code === "ECONNRESET") settle("EMFILE");
      else if (LIMITS.has(error.code ?? "")) settle(error.code ?? null);
      else reject(error);
    });
  });
}

const LIMITS = new Set(["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "EADDRNOTAVAIL"]);

function refusal(error: unknown): string {
  const code = (error as NodeJS.ErrnoException)?.code ?? "";
  if (!LIMITS.has(code)) throw error;
  return code;
}

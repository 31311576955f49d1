/** Opens descriptors of one kind until it has as many as asked or is refused, holds them, closes them. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, statSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
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

/** Connections to ourselves on loopback: each takes a descriptor at both ends, after one for the listener. */
async function openSockets({ amount }: HoldDescriptors, hold: Hold): Promise<Taken> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted: Socket[] = [];
  server.on("connection", (socket) => accepted.push(socket));
  const sockets: Socket[] = [];
  let refusedBy: string | null = null;
  const count = () => 1 + sockets.length + accepted.length;
  while (count() + 2 <= amount && refusedBy === null && !hold.over) {
    refusedBy = await openPair(server, sockets);
    hold.report(count());
  }
  // the listener stays open: one that closes resets what it has not accepted yet
  const close = async () => {
    for (const socket of [...sockets, ...accepted]) socket.resetAndDestroy();
    server.close();
    await once(server, "close");
  };
  return { descriptors: count(), refusedBy, close };
}

/** Resolves when both ends are there, with what refused the second one where it was. */
async function openPair(server: Server, sockets: Socket[]): Promise<string | null> {
  const { port } = server.address() as { port: number };
  const socket = connect(port, "127.0.0.1");
  // a reset at the end is how these are closed
  socket.on("error", () => {});
  try {
    const accepted = once(server, "connection", { signal: AbortSignal.timeout(1000) });
    accepted.catch(() => {});
    await once(socket, "connect");
    sockets.push(socket);
    await accepted;
    return null;
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    // at EMFILE libuv takes the connection and closes it at once: the client is connected, the server never hears of it
    if (name === "AbortError" || name === "TimeoutError") return "EMFILE";
    return refusal({ code });
  }
}

const LIMITS = new Set(["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "EADDRNOTAVAIL"]);

function refusal(error: unknown): string {
  const code = (error as NodeJS.ErrnoException)?.code ?? "";
  if (!LIMITS.has(code)) throw error;
  return code;
}

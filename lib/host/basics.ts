/** Whether the box still does the simplest things: open, write, fork, connect and keep time. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, unlinkSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export const BASICS = ["open", "write", "fork", "connect", "timer"] as const;

/** How long each took, ms, or what refused it. */
export type BasicsRecord = Record<
  (typeof BASICS)[number],
  { readonly tookMs: number } | { readonly refusedBy: string }
>;

/** Longer than any of them takes on a box that works at all. */
const PATIENCE_MS = 5000;

/** Tries each in turn; `folder` is where the file is written. Never throws. */
export async function tryBasics(folder: string): Promise<BasicsRecord> {
  return {
    open: await attempt(() => closeSync(openSync("/dev/null", "r"))),
    write: await attempt(() => writeAndRemove(join(folder, "basics"))),
    fork: await attempt(startProcess),
    connect: await attempt(connectToSelf),
    timer: await attempt(() => delay(1)),
  };
}

async function attempt(work: () => unknown): Promise<{ tookMs: number } | { refusedBy: string }> {
  const startedMs = performance.now();
  const patience = new AbortController();
  const late = delay(PATIENCE_MS, null, { signal: patience.signal }).then(
    () => {
      throw new Error(`no answer within ${PATIENCE_MS} ms`);
    },
    () => {},
  );
  try {
    await Promise.race([Promise.resolve(work()), late]);
    return { tookMs: performance.now() - startedMs };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { refusedBy: code ?? message };
  } finally {
    patience.abort();
  }
}

function writeAndRemove(path: string): void {
  writeFileSync(path, "basics\n", { flush: true });
  unlinkSync(path);
}

async function startProcess(): Promise<void> {
  const child = spawn("true", { stdio: "ignore" });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`true exited with ${code}`);
}

async function connectToSelf(): Promise<void> {
  const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
  try {
    await once(server, "listening");
    const socket = connect((server.address() as { port: number }).port, "127.0.0.1");
    await once(socket, "connect");
    socket.destroy();
  } finally {
    server.close();
  }
}

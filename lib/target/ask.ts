/** One question to a server, on a connection of its own: does it accept, does it answer, and what. */
import { connect, type NetConnectOpts, type Socket } from "node:net";
import { Agent, type Dispatcher, request } from "undici";
import type { Address, Place } from "./address.ts";

export interface Answer {
  readonly status: number;
  /** At most `mostBytes`; null when there was more. */
  readonly body: string | null;
}

interface Limits {
  readonly timeoutMs: number;
  readonly mostBytes: number;
  readonly signal?: AbortSignal;
  /** Where only the status matters: a body that has not ended so long after the head is left, as of a stream that never does. */
  readonly bodyWithinMs?: number;
}

/** A unix socket needs an agent of its own; nothing is kept in it, as every connection ends with its answer. */
const agents = new Map<string | null, Agent>();

/**
 * A new connection each time. One that is kept alive has been accepted long ago: it would be answered still by a server
 * that has no descriptor left, or whose queue is full, and nobody else is.
 * Redirections are not followed: they may lead off this machine. Rejects with what went wrong.
 */
export async function askHttp(
  { url, socketPath, headers }: Pick<Address & { kind: "http" }, "url" | "socketPath" | "headers">,
  limits: Limits,
): Promise<Answer> {
  const { timeoutMs, mostBytes, bodyWithinMs } = limits;
  const late = AbortSignal.timeout(timeoutMs);
  const signal = limits.signal ? AbortSignal.any([limits.signal, late]) : late;
  try {
    const { statusCode, body } = await request(url, {
      dispatcher: agentFor(socketPath),
      reset: true,
      signal,
      ...(headers && { headers }),
    });
    const patience = bodyWithinMs === undefined ? null : setTimeout(() => body.destroy(), bodyWithinMs);
    try {
      return { status: statusCode, body: await readBody(body, mostBytes) };
    } catch (error) {
      if (patience === null || !body.destroyed || signal.aborted) throw error;
      return { status: statusCode, body: null };
    } finally {
      if (patience !== null) clearTimeout(patience);
    }
  } catch (error) {
    throw late.aborted ? new Error(`no answer within ${timeoutMs} ms`) : error;
  }
}

/** Null when there was more than that. */
async function readBody(body: Dispatcher.ResponseData["body"], mostBytes: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    // leaving the loop destroys the body, and the connection with it
    if (bytes > mostBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** How long the body of an answer may take of which only the status matters: a server that is cut off in its midst may complain. */
export const BODY_WITHIN_MS = 250;

/** Resolves once the server's kernel has accepted; the connection is closed at once. */
export function askConnection(address: Place, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  return open(address, timeoutMs, signal, (socket, answered) => socket.once("connect", answered));
}

/** Resolves once the server has closed what we have closed, or has said something: the process has been at it, not the kernel alone. */
export function askClose(address: Place, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  return open(address, timeoutMs, signal, (socket, answered) =>
    socket
      .once("connect", () => socket.end())
      .once("data", answered)
      .once("end", answered),
  );
}

function open(
  address: Place,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  listen: (socket: Socket, answered: () => void) => void,
): Promise<void> {
  const options: NetConnectOpts =
    address.kind === "unix" ? { path: address.path } : { host: address.host, port: address.port };
  return new Promise((resolve, reject) => {
    const socket = connect(options);
    // given to connect(), the signal would keep every socket: Node 20 and 24 take that listener away only when a stream is read to its end
    const abort = () => socket.destroy(new Error("aborted"));
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
    const timer = setTimeout(() => {
      const what = socket.connecting ? "connection" : "answer";
      socket.destroy(new Error(`no ${what} within ${timeoutMs} ms`));
    }, timeoutMs);
    socket.once("error", reject);
    socket.once("close", () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    });
    listen(socket, () => {
      resolve();
      socket.destroy();
    });
  });
}

/** In a few words: "connect ECONNREFUSED", "HTTP 503", "no answer within 500 ms". */
export function describeFailure(error: unknown): string {
  const { code, message, syscall, errors } = error as NodeJS.ErrnoException & { errors?: unknown[] };
  // of a name with several addresses, the first tells
  if (errors?.[0]) return describeFailure(errors[0]);
  if (syscall && code) return `${syscall} ${code}`;
  return code ? `${code}: ${message}` : (message ?? String(error));
}

function agentFor(socketPath: string | null): Agent {
  const known = agents.get(socketPath);
  if (known) return known;
  const agent = new Agent({ pipelining: 0, ...(socketPath !== null && { connect: { socketPath } }) });
  agents.set(socketPath, agent);
  return agent;
}

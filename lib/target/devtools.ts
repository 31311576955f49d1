/** A few commands of the Chrome DevTools Protocol to a Node or Deno that runs with --inspect. */
import { once } from "node:events";
import { request } from "undici";
import { WebSocket } from "ws";
import { z } from "zod";
import { withDeadline } from "./deadline.ts";
import { TargetError } from "./target.ts";

export interface Devtools {
  /** The command's result. Rejects with the other side's own error, when it has gone, and when no answer comes in time. */
  send(method: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown>;
  close(): void;
}

/** A list of one program, or the answer to one command. */
const MOST_BYTES = 1024 * 1024;

const listSchema = z.array(z.object({ webSocketDebuggerUrl: z.url() })).min(1);
const messageSchema = z.object({
  id: z.number().optional(),
  method: z.string().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});

/** `address` is "127.0.0.1:9229": where --inspect listens. Rejects with a TargetError where it does not. */
export async function connectDevtools(address: string, patienceMs: number): Promise<Devtools> {
  const socket = new WebSocket(await findUrl(address, patienceMs), {
    perMessageDeflate: false,
    maxPayload: MOST_BYTES,
    handshakeTimeout: patienceMs,
  });
  await once(socket, "open").catch((error) => refuse(address, error));
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  const end = () => {
    socket.terminate();
    for (const { reject } of waiting.values()) reject(new Error(`${CANNOT} at ${address}, got its end`));
    waiting.clear();
  };
  socket.on("error", end).on("close", end);
  socket.on("message", (data) => {
    const { data: message } = messageSchema.safeParse(parseJson(String(data)));
    // a Node that has come to its end waits for us
    if (message?.method === "NodeRuntime.waitingForDisconnect") return end();
    const asked = message?.id === undefined ? undefined : waiting.get(message.id);
    if (!message || !asked) return;
    if (message.error)
      asked.reject(new Error(`${CANNOT} at ${address}, got ${message.error.message.slice(0, 200)}`));
    else asked.resolve(message.result);
  });

  async function send(method: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const id = ++lastId;
    const answered = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
    if (socket.readyState !== WebSocket.OPEN) end();
    else socket.send(JSON.stringify({ id, method, params: parameters }));
    const complaint = `${CANNOT} to ${method} at ${address} within ${patienceMs} ms, got none`;
    try {
      return await withDeadline(answered, patienceMs, complaint);
    } finally {
      waiting.delete(id);
    }
  }

  // Deno has no such command
  await send("NodeRuntime.notifyWhenWaitingForDisconnect", { enabled: true }).catch(() => {});
  return { send, close: end };
}

const CANNOT = "Cannot ask the inspector: expected an answer";

/** Of the first program listed. Its path alone is taken: the address is the one that the user gave. */
async function findUrl(address: string, patienceMs: number): Promise<URL> {
  try {
    const { statusCode, body } = await request(`http://${address}/json/list`, {
      headersTimeout: patienceMs,
      bodyTimeout: patienceMs,
      reset: true,
      signal: AbortSignal.timeout(patienceMs),
    });
    if (statusCode !== 200) throw new Error(`status ${statusCode}`);
    const [program] = listSchema.parse(parseJson(await readBounded(body)));
    const { pathname } = new URL(program?.webSocketDebuggerUrl ?? "");
    return new URL(`ws://${address}${pathname}`);
  } catch (error) {
    return refuse(address, error);
  }
}

async function readBounded(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new Error(`more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function refuse(address: string, error: unknown): never {
  const reason = error instanceof z.ZodError ? "something else" : describe(error);
  throw new TargetError(
    `Cannot connect to the inspector: expected a Node or Deno with --inspect at ${address}, got ${reason}`,
  );
}

function describe(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

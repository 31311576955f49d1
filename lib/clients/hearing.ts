/** What open connections hear, and whether they answer: messages and pings for whom it concerns, and who answers a ping of ours. */
import type { ClientSocket } from "./dial.ts";
import type { ConnectSettings } from "./settings.ts";
import { type LatencyMs, summarizeLatency } from "./tally.ts";

export interface Answers {
  readonly asked: number;
  readonly answered: number;
  readonly latencyMs: LatencyMs;
}

export interface Hearing {
  readonly onPayload: ((socket: ClientSocket, payload: Buffer) => void) | undefined;
  /** A ping of the server's. Whether it is to be answered. */
  answersPing(socket: ClientSocket): boolean;
  /** From now on they answer no ping. */
  mute(sockets: readonly ClientSocket[]): void;
  /** Pings them; resolves when all have answered, or gone, or the time is over. One call at a time. */
  ask(sockets: readonly ClientSocket[], withinMs: number): Promise<Answers>;
  onPong(socket: ClientSocket): void;
  /** The server has closed it, unasked. */
  onClosed(socket: ClientSocket, kind: string | number): void;
  /** It is over: nothing of it is kept. */
  onGone(socket: ClientSocket): void;
}

/** `ping` is the frame that asks. */
export function createHearing(listener: ConnectSettings["listener"] = {}, ping: Buffer): Hearing {
  const { onMessage } = listener;
  const mute = new Set<ClientSocket>();
  const askedAtMs = new Map<ClientSocket, number>();
  let latencies: number[] = [];
  let finish: () => void = () => {};

  function strike(socket: ClientSocket): void {
    if (askedAtMs.delete(socket) && askedAtMs.size === 0) finish();
  }

  return {
    onPayload: onMessage && ((socket, payload) => onMessage(socket.index, payload)),
    answersPing(socket) {
      listener.onPing?.(socket.index);
      return !mute.has(socket);
    },
    mute(sockets) {
      for (const socket of sockets) mute.add(socket);
    },
    async ask(sockets, withinMs) {
      latencies = [];
      for (const socket of sockets) {
        askedAtMs.set(socket, performance.now());
        socket.write(ping);
      }
      if (sockets.length > 0)
        await waitAtMost(withinMs, (resolve) => {
          finish = resolve;
        });
      askedAtMs.clear();
      const latencyMs = summarizeLatency(Float64Array.from(latencies));
      return { asked: sockets.length, answered: latencies.length, latencyMs };
    },
    onPong(socket) {
      const sinceMs = askedAtMs.get(socket);
      if (sinceMs !== undefined) latencies.push(performance.now() - sinceMs);
      strike(socket);
    },
    onClosed: ({ index }, kind) => listener.onClosed?.(index, kind),
    onGone(socket) {
      mute.delete(socket);
      strike(socket);
    },
  };
}

async function waitAtMost(withinMs: number, start: (resolve: () => void) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, withinMs);
    start(resolve);
  });
  clearTimeout(timer);
}

/** Asks every open connection whether somebody is there: a ping each, and how long the pongs take (RFC 6455, 5.5.2). */
import type { ClientSocket } from "./dial.ts";
import { type LatencyMs, summarizeLatency } from "./tally.ts";

export interface Answers {
  readonly asked: number;
  readonly answered: number;
  readonly latencyMs: LatencyMs;
}

export interface RollCall {
  /** Resolves when all have answered, or gone, or the time is over. One at a time. */
  ask(sockets: readonly ClientSocket[], ping: Buffer, withinMs: number): Promise<Answers>;
  onPong(socket: ClientSocket): void;
  /** It is over: nobody waits for it any more. */
  onGone(socket: ClientSocket): void;
}

export function createRollCall(): RollCall {
  const waited = new Map<ClientSocket, number>();
  let latencies: number[] = [];
  let finish: () => void = () => {};

  const leave = (socket: ClientSocket) => {
    const sinceMs = waited.get(socket);
    waited.delete(socket);
    if (sinceMs !== undefined && waited.size === 0) finish();
    return sinceMs;
  };

  return {
    async ask(sockets, ping, withinMs) {
      latencies = [];
      for (const socket of sockets) {
        waited.set(socket, performance.now());
        socket.write(ping);
      }
      if (sockets.length > 0) await withDeadline((resolve) => (finish = resolve), withinMs);
      waited.clear();
      const answered = latencies.length;
      return { asked: sockets.length, answered, latencyMs: summarizeLatency(Float64Array.from(latencies)) };
    },
    onPong(socket) {
      const sinceMs = waited.get(socket);
      if (sinceMs !== undefined) latencies.push(performance.now() - sinceMs);
      leave(socket);
    },
    onGone: (socket) => void leave(socket),
  };
}

async function withDeadline(wait: (resolve: () => void) => void, withinMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, withinMs);
    wait(resolve);
  });
  clearTimeout(timer);
}

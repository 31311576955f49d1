/** Connections that say nothing, on TCP or a Unix socket: what a server holds for them are its descriptors, whatever it speaks. */
import { connect, type Socket } from "node:net";
import { isLimit } from "./dial.ts";
import { readEndpoint } from "./endpoint.ts";
import { add, type Tally } from "./tally.ts";

export interface PlainConnections {
  /** Open now, as far as we were told. The kernel opens them for a server that has yet to accept. */
  readonly held: number;
  /** Not opened: by errno, or "timeout". */
  readonly failed: Tally;
  /** Ended by the server: by errno, or "closed". */
  readonly closed: Tally;
  /** What of ours was used up (EMFILE, EADDRNOTAVAIL, …), so that no more were tried; or null. */
  readonly refusedBy: string | null;
  /** Opens so many more; resolves when each is open or has failed. What the server sends is thrown away. */
  open(count: number): Promise<void>;
  /** Closes all that are open, without waiting for the server. */
  close(): void;
}

/** On their way at a time: the shortest queue of a server that people run (Python's) has room for 100. */
const AT_A_TIME = 64;

/** `url` as in `readEndpoint`, without TLS being spoken. Limits and refusals are results. */
export function holdPlain(url: string, timeoutMs: number): PlainConnections {
  const { host, port, socketPath } = readEndpoint(url);
  const sockets = new Set<Socket>();
  const failed: Record<string, number> = {};
  const closed: Record<string, number> = {};
  let refusedBy: string | null = null;

  function openOne(): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(socketPath === null ? { host, port } : { path: socketPath });
      let failure: string | null = null;
      const late = setTimeout(() => {
        failure = "timeout";
        socket.destroy();
      }, timeoutMs);
      socket.on("error", (error: NodeJS.ErrnoException) => {
        failure = error.code ?? error.message;
      });
      socket.once("connect", () => {
        clearTimeout(late);
        sockets.add(socket);
        resolve();
      });
      socket.once("close", () => {
        clearTimeout(late);
        if (sockets.delete(socket)) add(closed, failure ?? "closed");
        else if (failure !== null && isLimit(failure)) refusedBy = failure;
        else if (failure !== null) add(failed, failure);
        resolve();
      });
      socket.resume();
    });
  }

  return {
    ...{ failed, closed },
    get held() {
      return sockets.size;
    },
    get refusedBy() {
      return refusedBy;
    },
    async open(count) {
      for (let left = count; left > 0 && refusedBy === null; left -= AT_A_TIME)
        await Promise.all(Array.from({ length: Math.min(left, AT_A_TIME) }, openOne));
    },
    close() {
      for (const socket of sockets) {
        sockets.delete(socket);
        socket.destroy();
      }
    },
  };
}

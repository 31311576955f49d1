/** Socket.IO clients, by the library that users have: over WebSocket, by polling, or from polling up, each with a connection of its own. */
import type { Manager, ManagerOptions, Socket } from "socket.io-client";
import type { Endpoint } from "./endpoint.ts";
import { readEndpoint } from "./endpoint.ts";

export type Transport = "websocket" | "polling" | "upgrade";
export const TRANSPORTS: readonly Transport[] = ["websocket", "polling", "upgrade"];

/** How it comes back: the library's own options. Times in ms. */
export interface Backoff {
  readonly delayMs: number;
  readonly maxMs: number;
  /** The randomization factor, 0..1. */
  readonly jitter: number;
}

export interface SocketIoSettings {
  /** ws:// or http://; its path is where the server has Socket.IO, the library's own /socket.io where it has none. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly transport: Transport;
  /** Null: it does not come back. */
  readonly backoff: Backoff | null;
  readonly timeoutMs: number;
  /** A network to the same server. */
  readonly through?: Pick<Endpoint, "host" | "port">;
}

/** The library is loaded here, as help and lists do without it. Opens nothing yet: the first socket of it does. */
export async function loadSocketIo(): Promise<(settings: SocketIoSettings) => Manager> {
  const { Manager } = await import("socket.io-client");
  return (settings) => new Manager(originOf(settings), { ...optionsOf(settings), ...pathOf(settings) });
}

function originOf({ url, through }: SocketIoSettings): string {
  const { secure, authority } = readEndpoint(url);
  const place = through ? `${through.host}:${through.port}` : authority;
  return `${secure ? "https" : "http"}://${place}`;
}

function pathOf({ url }: SocketIoSettings): Pick<ManagerOptions, "path"> | null {
  const [path = "/"] = readEndpoint(url).target.split("?");
  return path === "/" ? null : { path };
}

function optionsOf({ headers, transport, backoff, timeoutMs }: SocketIoSettings): Partial<ManagerOptions> {
  return {
    transports: transport === "upgrade" ? ["polling", "websocket"] : [transport],
    upgrade: transport === "upgrade",
    extraHeaders: { ...headers },
    timeout: timeoutMs,
    reconnection: backoff !== null,
    ...(backoff && {
      reconnectionDelay: backoff.delayMs,
      reconnectionDelayMax: backoff.maxMs,
      randomizationFactor: backoff.jitter,
    }),
  };
}

/** An answer takes the way there and back twice: the connection, and the namespace. */
const WAYS = 2;

/**
 * Resolves when it has joined its namespace; rejects with what the server, or the network, said to that, and where neither
 * says anything in time: the library tells nobody of a connection that ends before it has joined.
 */
export function joined(socket: Socket): Promise<void> {
  const manager = socket.io;
  return new Promise((resolve, reject) => {
    if (socket.connected) return resolve();
    const settle = (outcome: () => void) => {
      clearTimeout(late);
      socket.off("connect", onConnect).off("connect_error", onError);
      manager.off("close", onClose);
      outcome();
    };
    const onConnect = () => settle(resolve);
    const onError = (error: Error) => settle(() => reject(error));
    const onClose = (reason: string) => {
      // one that comes back may join yet
      if (!manager.reconnection()) onError(new Error(`closed before it had joined: ${reason}`));
    };
    const late = setTimeout(
      () => onError(new Error("no answer to its wish to join")),
      WAYS * Number(manager.timeout()),
    );
    socket.on("connect", onConnect).on("connect_error", onError);
    manager.on("close", onClose);
  });
}

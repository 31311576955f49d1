/** What a load of WebSocket clients is asked for, and the ways in which its connections end. */
import type { ConnectionOptions } from "node:tls";
import type { Network } from "./network.ts";

/** How an open connection ends. */
export type Ending =
  /** Close frame 1000; the server's close frame and its FIN are waited for. */
  | "polite"
  /** FIN without a close frame, as of a process that died; RST where the server had sent what was not read yet. */
  | "destroy"
  /** RST, as of a machine that lost its state. TLS and Unix sockets have none: they are closed. */
  | "reset"
  /** A message that makes the server's handler throw; what the server does then is waited for. */
  | "boom";

/** How one ends before it was open: after half of the request, or after all of it but before the answer; both with FIN. */
export type Interruption = "mid-request" | "mid-answer";

export function isInterruption(purpose: Ending | Interruption | null): purpose is Interruption {
  return purpose === "mid-request" || purpose === "mid-answer";
}

/** Who wants to hear what comes on open connections; `index` says on which one, in the order in which they were begun. */
interface ClientListener {
  /** A frame's contents: the bytes are good until this returns. */
  onMessage?(index: number, payload: Buffer): void;
  onPing?(index: number): void;
  /** The server has closed it, unasked: with this close code (1006: none) or errno. */
  onClosed?(index: number, kind: string | number): void;
}

export interface ConnectSettings {
  /** ws://, wss:// (http://, https://), or a Unix socket as in `readEndpoint`. */
  readonly url: string;
  readonly count: number;
  /** Handshakes under way at a time; in churn, connections. 64 if not said: more only wait in the server's queue. */
  readonly concurrency?: number;
  /** Addresses of the same server, taken in turn: each has 28 000 ports for its clients, TIME_WAIT included. */
  readonly hosts?: readonly string[];
  /** A network to the same server, in place of its own address and of `hosts`; a name in its certificate is told by `tls.servername`. */
  readonly through?: Pick<Network, "host" | "port">;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: ConnectionOptions;
  /** For a handshake, and for an ending that waits for the server: 10 000 if not said. */
  readonly timeoutMs?: number;
  /** Ends what is under way; what is open stays so. */
  readonly signal?: AbortSignal;
  /**
   * A connection counts as opened only when the server has answered a ping on it: one that accepts and then closes (1013) has done
   * so by then, and the connection counts as refused. One that answers no ping within the time counts as opened.
   */
  readonly confirm?: boolean;
  /** The text that "boom" sends; an empty one if not said. */
  readonly message?: string;
  readonly listener?: ClientListener;
}

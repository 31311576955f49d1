/** How the hub says no to an upgrade: an HTTP status, and nothing of the connection stays; or as a fault has it. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Hub } from "./core.ts";

/** That a close frame is waited for: from a dead client none comes. */
export const ANSWER_CLOSE_WITHIN_MS = 1000;

/** Says no in HTTP, and closes: nothing of the connection stays, whatever the peer does. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on("error", () => {});
  socket.once("finish", () => socket.destroy());
  socket.end(refusalText(status));
}

const refusalText = (status: string) =>
  `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;

/** `upgrade`: how a fault lets it in for a moment. */
export function refuseToken(hub: Hub, socket: Duplex, upgrade: () => void): void {
  hub.refusedToken();
  if (hub.has("event-before-auth")) upgrade();
  else if (hub.has("refusal-socket-kept")) socket.on("error", () => {}).write(refusalText(UNAUTHORIZED));
  else refuseUpgrade(socket, UNAUTHORIZED);
}

const UNAUTHORIZED = "401 Unauthorized";

export function misplacedToken(hub: Hub, { headers }: IncomingMessage): string | null {
  if (!hub.has("wrong-place-accepted")) return null;
  return /(?:^|; )token=([^;]+)/.exec(headers.cookie ?? "")?.[1] ?? null;
}

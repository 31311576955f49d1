/** Half-open connections: an end that neither reads nor answers nor hears of anything, as of a machine that lost its network. */
import type { ClientSocket } from "./dial.ts";
import { Stage } from "./outcomes.ts";

/** The kernel still acknowledges what comes, until its buffer is full; the process does not. */
export function silence(sockets: readonly ClientSocket[]): void {
  for (const socket of sockets) {
    socket.stage = Stage.silent;
    socket.pause();
  }
}

/** Resolves when they have heard what the other end did meanwhile. */
export async function hearAgain(sockets: readonly (ClientSocket | null)[]): Promise<void> {
  for (const socket of sockets) {
    if (socket?.stage !== Stage.silent) continue;
    socket.stage = Stage.open;
    socket.on("end", socket.destroy);
    socket.resume();
  }
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Of the event loop: to read what came, to tell its end, to close, and one to spare. */
const TURNS = 4;

/** Resets a connection (RST), or closes it where that cannot be done. */
import type { Socket } from "node:net";

/**
 * Between `end()` and its "finish", libuv refuses a reset with EINVAL, and Node then neither closes the descriptor nor says "close",
 * whatever is tried later; before it is connected, Node waits for that. Closed at once it is in either case.
 */
export function reset(socket: Socket): void {
  const isEnding = socket.writableEnded && !socket.writableFinished;
  if (socket.connecting || isEnding) socket.destroy();
  else socket.resetAndDestroy();
}

/** The message of 64 bytes that bench/sockets.ts measures with. */
import { type Stamp, writeStamp } from "../lib/clients/stamp.ts";

export const MESSAGE_BYTES = 64;

export function writeMessage(stamp: Stamp): string {
  return writeStamp(stamp).padEnd(MESSAGE_BYTES, ".");
}

/** The message of 64 bytes that bench/sockets.ts sends about: its number, and when it was due. */

export const MESSAGE_BYTES = 64;
const NUMBER_BYTES = 8;

/** A text of digits: `dueMs` is a time of the wall clock, as two processes read it. */
export function writeMessage(sequence: number, dueMs: number): Buffer {
  const text = `${sequence.toString().padStart(NUMBER_BYTES, "0")}/${dueMs.toFixed(3)}/`;
  return Buffer.from(text.padEnd(MESSAGE_BYTES, "."));
}

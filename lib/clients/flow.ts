/** One direction of a link: what comes goes on in order, later than it came, no faster than it may, and little of it waits. */
import type { Socket } from "node:net";

export interface FlowSettings {
  readonly from: Socket;
  readonly to: Socket;
  readonly delayMs: number;
  /** Null: as fast as it goes. */
  readonly bytesPerSecond: number | null;
  /** Asked of every message as it comes: whether it goes on. */
  readonly passes: () => boolean;
  /** Told of every message that went on, after its delay. */
  readonly onForwarded: () => void;
}

export interface Flow {
  /** What waits is lost, and what comes goes nowhere. */
  drop(): void;
}

interface Parcel {
  /** Null: the end. */
  bytes: Buffer | null;
  readonly dueMs: number;
}

/** With so much waiting, no more is read: the sender's own buffers fill, and it is told so. */
const MOST_WAITING_BYTES = 65_536;
/** A throttled flow goes on in pieces of so long: it neither stutters nor wakes for each byte. */
const PIECE_MS = 50;

export function startFlow({ from, to, delayMs, bytesPerSecond, passes, onForwarded }: FlowSettings): Flow {
  const pieceBytes =
    bytesPerSecond === null ? Number.POSITIVE_INFINITY : Math.max(1, (bytesPerSecond * PIECE_MS) / 1000);
  const queue: Parcel[] = [];
  let waitingBytes = 0;
  let freeAtMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let dropped = false;

  function take(bytes: Buffer | null): void {
    if (dropped || !(bytes === null || passes())) return;
    queue.push({ bytes, dueMs: performance.now() + delayMs });
    waitingBytes += bytes?.length ?? 0;
    if (waitingBytes >= MOST_WAITING_BYTES) from.pause();
    if (queue.length === 1) pump();
  }

  function pump(): void {
    clearTimeout(timer);
    for (let parcel = queue[0]; parcel; parcel = queue[0]) {
      const waitMs = Math.max(parcel.dueMs, freeAtMs) - performance.now();
      if (waitMs > 0) {
        timer = setTimeout(pump, Math.ceil(waitMs));
        return;
      }
      // "drain" follows
      if (to.writableNeedDrain) return;
      if (parcel.bytes === null) {
        queue.shift();
        to.end();
      } else forward(parcel, parcel.bytes);
    }
  }

  function forward(parcel: Parcel, bytes: Buffer): void {
    const piece = bytes.subarray(0, pieceBytes);
    to.write(piece);
    waitingBytes -= piece.length;
    if (bytesPerSecond !== null)
      freeAtMs = Math.max(freeAtMs, performance.now()) + (piece.length * 1000) / bytesPerSecond;
    if (piece.length < bytes.length) parcel.bytes = bytes.subarray(piece.length);
    else {
      queue.shift();
      onForwarded();
    }
    if (waitingBytes < MOST_WAITING_BYTES && from.isPaused()) from.resume();
  }

  from.on("data", take).on("end", () => take(null));
  to.on("drain", pump);
  return {
    drop() {
      dropped = true;
      clearTimeout(timer);
      queue.length = 0;
      // read and forgotten: a socket that is paused would not hear of a reset
      from.resume();
    },
  };
}

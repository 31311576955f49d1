/** Frames of RFC 6455 (5.2): those that a client sends, as bytes, and those of a server, read as they come. */
import { randomFillSync } from "node:crypto";

export const Opcode = { text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** "Normal closure" (RFC 6455, 7.4.1), and what stands for a close frame without a code. */
export const NORMAL = 1000;
const NO_STATUS = 1005;

const FINAL = 0x80;
const MASKED = 0x80;
const MAX_CONTROL_BYTES = 125;

/** A whole message or control frame, masked with a random key. */
export function encodeFrame(opcode: number, payload: Buffer): Buffer {
  const mask = nextMask();
  const { length } = payload;
  const size = length <= MAX_CONTROL_BYTES ? 2 : length < 65_536 ? 4 : 10;
  // every byte of it is written
  const frame = Buffer.allocUnsafe(size + 4 + length);
  frame[0] = FINAL | opcode;
  frame[1] = MASKED | (size === 2 ? length : size === 4 ? 126 : 127);
  if (size === 4) frame.writeUInt16BE(length, 2);
  if (size === 10) frame.writeBigUInt64BE(BigInt(length), 2);
  mask.copy(frame, size);
  for (let at = 0; at < length; at++) frame[size + 4 + at] = (payload[at] ?? 0) ^ (mask[at & 3] ?? 0);
  return frame;
}

/** Four bytes at a time cost more to ask for than to use. */
const MASKS = Buffer.allocUnsafeSlow(4096);
let masksUsed = MASKS.length;

/** Good until the next one is asked for. */
function nextMask(): Buffer {
  if (masksUsed === MASKS.length) {
    randomFillSync(MASKS);
    masksUsed = 0;
  }
  masksUsed += 4;
  return MASKS.subarray(masksUsed - 4, masksUsed);
}

export function encodeClose(code: number): Buffer {
  return encodeFrame(
    Opcode.close,
    code === NO_STATUS ? Buffer.alloc(0) : Buffer.from([code >> 8, code & 255]),
  );
}

/** What a chunk left unfinished: the beginning of a frame, or how much of a message is still to be passed over. */
export interface Unread {
  readonly bytes: Buffer;
  readonly skipBytes: number;
}

/** One for all sources, which it is told: a listener for each would be made for each chunk. */
interface FrameListener<T> {
  /** A whole ping, pong or close frame. */
  onControl(source: T, opcode: number, payload: Buffer): void;
  /** A frame of a message has begun: its size. Contents are passed over, so that a large one takes no memory. */
  onMessage(source: T, payloadBytes: number): void;
  /** Where it is there, the contents of each frame, once it is whole: good until this returns. */
  readonly onPayload?: ((source: T, payload: Buffer) => void) | undefined;
}

/** What a server sends at once must not take more memory than that: a longer frame is passed over all the same. */
const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

/** Reads a chunk, after what the one before left. Answers what this one leaves, or null; throws at what no server may send. */
export function readFrames<T>(
  chunk: Buffer,
  before: Unread | undefined,
  source: T,
  listener: FrameListener<T>,
): Unread | null {
  const skipped = Math.min(before?.skipBytes ?? 0, chunk.length);
  const left = (before?.skipBytes ?? 0) - skipped;
  if (left > 0) return { bytes: NOTHING, skipBytes: left };
  const fresh = skipped > 0 ? chunk.subarray(skipped) : chunk;
  const bytes = before && before.bytes.length > 0 ? Buffer.concat([before.bytes, fresh]) : fresh;
  let at = 0;
  while (at < bytes.length) {
    const frame = readHead(bytes, at);
    if (frame === null) return keep(bytes, at);
    const end = frame.payloadAt + frame.payloadBytes;
    if (frame.control) {
      if (end > bytes.length) return keep(bytes, at);
      listener.onControl(source, frame.opcode, bytes.subarray(frame.payloadAt, end));
    } else if (listener.onPayload && frame.payloadBytes <= MAX_PAYLOAD_BYTES) {
      if (end > bytes.length) return keep(bytes, at);
      listener.onMessage(source, frame.payloadBytes);
      listener.onPayload(source, bytes.subarray(frame.payloadAt, end));
    } else {
      listener.onMessage(source, frame.payloadBytes);
      if (end > bytes.length) return { bytes: NOTHING, skipBytes: end - bytes.length };
    }
    at = end;
  }
  return null;
}

const NOTHING = Buffer.alloc(0);

/** A copy: the chunk's memory is used again for the next one. At most a head and what of its frame is there. */
function keep(bytes: Buffer, at: number): Unread {
  return { bytes: Buffer.from(bytes.subarray(at)), skipBytes: 0 };
}

interface Head {
  readonly opcode: number;
  readonly control: boolean;
  readonly payloadAt: number;
  readonly payloadBytes: number;
}

/** Null where the head is not whole yet. */
function readHead(bytes: Buffer, at: number): Head | null {
  const [first, second] = [bytes[at], bytes[at + 1]];
  if (first === undefined || second === undefined) return null;
  const opcode = first & 0x0f;
  const control = opcode >= Opcode.close;
  const length = second & 0x7f;
  if ((first & 0x70) !== 0) throw new Error("a reserved bit is set");
  if (opcode > Opcode.pong || (opcode > Opcode.binary && !control))
    throw new Error(`unknown opcode ${opcode}`);
  if ((second & MASKED) !== 0) throw new Error("a server's frame is masked");
  if (control && (length > MAX_CONTROL_BYTES || (first & FINAL) === 0))
    throw new Error("a control frame is too long or in fragments");
  const lengthBytes = length === 126 ? 2 : length === 127 ? 8 : 0;
  const payloadAt = at + 2 + lengthBytes;
  if (payloadAt > bytes.length) return null;
  const payloadBytes =
    lengthBytes === 0
      ? length
      : lengthBytes === 2
        ? bytes.readUInt16BE(at + 2)
        : Number(bytes.readBigUInt64BE(at + 2));
  return { opcode, control, payloadAt, payloadBytes };
}

/** Code and reason of a close frame; the reason is the server's own words, bounded by the frame. */
export function readClose(payload: Buffer): { readonly code: number; readonly reason: string } {
  if (payload.length < 2) return { code: NO_STATUS, reason: "" };
  return { code: payload.readUInt16BE(0), reason: payload.toString("utf8", 2) };
}

/** Frames as RFC 6455 gives them (5.7), whole, in pieces, and as no server may send them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeClose, encodeFrame, Opcode, readClose, readFrames, type Unread } from "./frames.ts";

function listen() {
  const seen: (string | number)[] = [];
  const listener = {
    onControl: (_: null, opcode: number, payload: Buffer) => void seen.push(opcode, payload.toString()),
    onMessage: (_: null, bytes: number) => void seen.push("message", bytes),
  };
  return { seen, listener };
}

const MESSAGE = Buffer.concat([Buffer.from([0x82, 126, 1, 0]), Buffer.alloc(256)]);
const LARGE = Buffer.concat([Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]), Buffer.alloc(65_536)]);
const PING = Buffer.from([0x89, 5, ...Buffer.from("Hello")]);
const CLOSE = Buffer.from([0x88, 5, 0x03, 0xf5, ...Buffer.from("cap")]);

test("encodeFrame() masks what a server unmasks, at all three sizes", () => {
  for (const size of [0, 5, 125, 126, 65_535, 65_536]) {
    const payload = Buffer.alloc(size, "x");
    const frame = encodeFrame(Opcode.text, payload);
    const head = size < 126 ? 2 : size < 65_536 ? 4 : 10;
    assert.equal(frame[0], 0x81);
    assert.equal((frame[1] ?? 0) & 0x80, 0x80);
    const mask = frame.subarray(head, head + 4);
    const plain = frame.subarray(head + 4).map((byte, at) => byte ^ mask[at % 4]!);
    assert.deepEqual(Buffer.from(plain), payload);
  }
});

test("encodeClose() of 1005 has no payload: that code is never on the wire", () => {
  assert.equal(encodeClose(1005).length, 2 + 4);
  assert.equal(encodeClose(1000).length, 2 + 4 + 2);
});

test("readFrames() reads the same from one chunk and from single bytes", () => {
  const stream = Buffer.concat([MESSAGE, PING, LARGE, CLOSE]);
  const whole = listen();
  assert.equal(readFrames(stream, undefined, null, whole.listener), null);
  const pieces = listen();
  let left: Unread | null = null;
  for (const byte of stream) left = readFrames(Buffer.from([byte]), left ?? undefined, null, pieces.listener);
  assert.equal(left, null);
  assert.deepEqual(pieces.seen, whole.seen);
  assert.deepEqual(whole.seen.slice(0, 6), ["message", 256, Opcode.ping, "Hello", "message", 65_536]);
});

test("readFrames() keeps nothing of a message's contents", () => {
  const left = readFrames(LARGE.subarray(0, 1000), undefined, null, listen().listener);
  assert.equal(left?.bytes.length, 0);
  assert.equal(left?.skipBytes, 65_536 - 990);
});

test("readFrames() refuses what no server may send", () => {
  for (const [frame, why] of [
    [[0x81, 0x80, 0, 0, 0, 0], /masked/],
    [[0xc1, 0], /reserved bit/],
    [[0x83, 0], /unknown opcode 3/],
    [[0x8b, 0], /unknown opcode 11/],
    [[0x09, 0], /in fragments/],
    [[0x88, 126, 0, 126], /too long/],
  ] as const) {
    assert.throws(() => readFrames(Buffer.from(frame), undefined, null, listen().listener), why);
  }
});

test("readClose() gives code and reason, and 1005 for none", () => {
  assert.deepEqual(readClose(CLOSE.subarray(2)), { code: 1013, reason: "cap" });
  assert.deepEqual(readClose(Buffer.alloc(0)), { code: 1005, reason: "" });
});

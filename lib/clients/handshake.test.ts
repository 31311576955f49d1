/** The handshake of RFC 6455: its own example, and every way in which an answer can be wrong. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readEndpoint } from "./endpoint.ts";
import { answerTo } from "./fixtures/servers.ts";
import { createHandshake, createReader, MAX_HEAD_BYTES, readAnswer } from "./handshake.ts";

const ENDPOINT = readEndpoint("ws://127.0.0.1:8080/chat?token=x");

test("createHandshake() expects what the RFC's example gives (1.3)", () => {
  const { request, accept } = createHandshake(ENDPOINT, {}, "dGhlIHNhbXBsZSBub25jZQ==");
  assert.equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  assert.match(request.toString(), /^GET \/chat\?token=x HTTP\/1\.1\r\nHost: 127\.0\.0\.1:8080\r\n/);
  assert.match(request.toString(), /\r\n\r\n$/);
});

test("createHandshake() draws a key for each batch", () => {
  assert.notEqual(createHandshake(ENDPOINT).accept, createHandshake(ENDPOINT).accept);
});

test("createHandshake() sends no header that would be two", () => {
  assert.throws(() => createHandshake(ENDPOINT, { "X-Bad": "a\r\nX-Other: b" }), /Cannot send a header/);
  assert.throws(() => createHandshake(ENDPOINT, { "X Bad": "a" }), /Cannot send a header/);
});

test("readAnswer() takes a right answer, whatever the case and order", () => {
  const handshake = createHandshake(ENDPOINT);
  const text = answerTo(handshake.request, { Upgrade: "WebSocket", Connection: "keep-alive, upgrade" });
  const answer = readAnswer(Buffer.from(`${text}frames`), handshake);
  assert.deepEqual(answer, { kind: "upgraded", headBytes: text.length });
});

test("readAnswer() says what is wrong with a wrong one", () => {
  const handshake = createHandshake(ENDPOINT);
  for (const [wrong, why] of [
    [{ "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" }, "wrong Sec-WebSocket-Accept"],
    [{ "Sec-WebSocket-Accept": "" }, "wrong Sec-WebSocket-Accept"],
    [{ Upgrade: "h2c" }, "no Upgrade: websocket"],
    [{ Connection: "keep-alive" }, "no Connection: Upgrade"],
    [{ "Sec-WebSocket-Extensions": "permessage-deflate" }, "an extension that nobody asked for"],
    [{ "Sec-WebSocket-Protocol": "mqtt" }, "a subprotocol that nobody asked for"],
  ] as const) {
    const answer = readAnswer(Buffer.from(answerTo(handshake.request, wrong)), handshake);
    assert.deepEqual(answer, { kind: "invalid", why });
  }
  const asked = createHandshake(ENDPOINT, { "Sec-WebSocket-Protocol": "mqtt, wamp" });
  const text = answerTo(asked.request, { "Sec-WebSocket-Protocol": "mqtt" });
  assert.equal(readAnswer(Buffer.from(text), asked).kind, "upgraded");
});

test("readAnswer() reads a refusal, and what is no HTTP", () => {
  const handshake = createHandshake(ENDPOINT);
  const read = (text: string) => readAnswer(Buffer.from(text), handshake);
  assert.deepEqual(read("HTTP/1.1 503 Busy\r\n\r\n"), { kind: "refused", status: 503 });
  assert.deepEqual(read("HTTP/1.1 401\r\n\r\n"), { kind: "refused", status: 401 });
  assert.equal(read("SSH-2.0-OpenSSH\r\n\r\n").kind, "invalid");
  assert.equal(read("HTTP/1.1 101 Switching").kind, "incomplete");
});

test("readAnswer() does not wait for the end of a head that has none", () => {
  const answer = readAnswer(Buffer.alloc(MAX_HEAD_BYTES + 1, "x"), createHandshake(ENDPOINT));
  assert.equal(answer.kind, "invalid");
});

test("createReader() takes the same bytes again, and not others of the same length", () => {
  const handshake = createHandshake(ENDPOINT);
  const right = Buffer.from(answerTo(handshake.request));
  const read = createReader(handshake);
  assert.equal(read(right).kind, "upgraded");
  assert.equal(read(Buffer.concat([right, Buffer.from("more")])).kind, "upgraded");
  const wrong = Buffer.from(right);
  wrong[right.length - 6]! ^= 1;
  assert.equal(read(wrong).kind, "invalid");
  assert.equal(read(right.subarray(0, 10)).kind, "incomplete");
});

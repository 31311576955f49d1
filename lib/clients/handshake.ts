/** The opening handshake of RFC 6455, from the client's side: the request as bytes, and the server's answer checked. */
import { createHash, randomBytes } from "node:crypto";
import type { Endpoint } from "./endpoint.ts";

export interface Handshake {
  /** The whole request. */
  readonly request: Buffer;
  /** What Sec-WebSocket-Accept must be. */
  readonly accept: string;
  /** Subprotocols that the caller's headers ask for. */
  readonly protocols: readonly string[];
}

export type Answer =
  | { readonly kind: "incomplete" }
  /** The server speaks WebSocket; frames begin after so many bytes. */
  | { readonly kind: "upgraded"; readonly headBytes: number }
  /** It says no, in HTTP. */
  | { readonly kind: "refused"; readonly status: number }
  /** No answer to our request: what is wrong with it. */
  | { readonly kind: "invalid"; readonly why: string };

/** RFC 6455, 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** As Node's own default for all headers together (--max-http-header-size). */
export const MAX_HEAD_BYTES = 16_384;

/**
 * Makes a request with a fresh random key. A batch of connections sends the same one: RFC 6455 (4.1) asks for a key per connection
 * against caches between the two, which a load on loopback does not have; every answer is checked against it all the same.
 */
export function createHandshake(
  endpoint: Endpoint,
  headers: Readonly<Record<string, string>> = {},
  key: string = randomBytes(16).toString("base64"),
): Handshake {
  const fields = {
    Host: endpoint.authority,
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": key,
    "Sec-WebSocket-Version": "13",
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => {
    if (/^[\w!#$%&'*+.^`|~-]+$/.test(name) && !/[\r\n\0]/.test(value)) return `${name}: ${value}`;
    throw new Error(`Cannot send a header: expected a token and one line, got "${name}: ${value}"`);
  });
  const request = Buffer.from([`GET ${endpoint.target} HTTP/1.1`, ...lines, "", ""].join("\r\n"), "latin1");
  const accept = createHash("sha1").update(`${key}${GUID}`).digest("base64");
  return { request, accept, protocols: valuesOf(Object.entries(headers), "sec-websocket-protocol") };
}

/**
 * Makes a reader for one batch. An answer that begins with the very bytes of one that was verified, for the same key, needs no
 * reading again: most servers' do.
 */
export function createReader(handshake: Handshake): (bytes: Buffer) => Answer {
  let known: { bytes: Buffer; answer: Answer } | null = null;
  return (bytes) => {
    if (known && bytes.length >= known.bytes.length) {
      const { length } = known.bytes;
      if (bytes.compare(known.bytes, 0, length, 0, length) === 0) return known.answer;
    }
    const answer = readAnswer(bytes, handshake);
    if (answer.kind === "upgraded")
      known ??= { bytes: Buffer.from(bytes.subarray(0, answer.headBytes)), answer };
    return answer;
  };
}

/** Reads what has come so far; bytes after the head are not looked at. */
export function readAnswer(bytes: Buffer, handshake: Pick<Handshake, "accept" | "protocols">): Answer {
  const end = bytes.indexOf("\r\n\r\n");
  if (end > MAX_HEAD_BYTES || (end < 0 && bytes.length > MAX_HEAD_BYTES))
    return { kind: "invalid", why: `a head of more than ${MAX_HEAD_BYTES} bytes` };
  if (end < 0) return { kind: "incomplete" };
  const [first = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(first)?.[1];
  if (status === undefined) return { kind: "invalid", why: "no HTTP/1.1 status line" };
  if (status !== "101") return { kind: "refused", status: Number(status) };
  const why = findFault(lines, handshake);
  return why === null ? { kind: "upgraded", headBytes: end + 4 } : { kind: "invalid", why };
}

/** The checks of RFC 6455, 4.1, "Once the client's opening handshake has been sent", in its order. */
function findFault(
  lines: readonly string[],
  { accept, protocols }: Pick<Handshake, "accept" | "protocols">,
): string | null {
  const fields = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1)];
  });
  const lower = (name: string) => valuesOf(fields, name).map((value) => value.toLowerCase());
  if (!lower("upgrade").includes("websocket")) return "no Upgrade: websocket";
  if (!lower("connection").includes("upgrade")) return "no Connection: Upgrade";
  const accepts = valuesOf(fields, "sec-websocket-accept");
  if (accepts.length !== 1 || accepts[0] !== accept) return "wrong Sec-WebSocket-Accept";
  if (valuesOf(fields, "sec-websocket-extensions").length > 0) return "an extension that nobody asked for";
  if (valuesOf(fields, "sec-websocket-protocol").some((name) => !protocols.includes(name)))
    return "a subprotocol that nobody asked for";
  return null;
}

/** All values of a field, over all its lines. */
function valuesOf(fields: readonly (readonly [string, string])[], wanted: string): string[] {
  return fields
    .filter(([name]) => name.toLowerCase() === wanted)
    .flatMap(([, value]) => value.split(","))
    .map((value) => value.trim())
    .filter(Boolean);
}

/** The bytes that all connections of a batch send, made once. */
import type { Endpoint } from "./endpoint.ts";
import { encodeClose, encodeFrame, NORMAL, Opcode } from "./frames.ts";
import { type Answer, createHandshake, createReader } from "./handshake.ts";
import type { ConnectSettings } from "./settings.ts";

export interface Wire {
  readonly request: Buffer;
  /** The first half of it. */
  readonly half: Buffer;
  readonly ping: Buffer;
  /** A close frame with code 1000. */
  readonly close: Buffer;
  /** The message that makes the server's handler throw. */
  readonly boom: Buffer;
  /** Reads the answer to the request, as far as it has come. */
  readAnswer(bytes: Buffer): Answer;
}

export function createWire(endpoint: Endpoint, settings: ConnectSettings): Wire {
  const { headers = {}, message = "" } = settings;
  const handshake = createHandshake(endpoint, headers);
  const { request } = handshake;
  return {
    request,
    half: request.subarray(0, request.length >> 1),
    ping: encodeFrame(Opcode.ping, Buffer.alloc(0)),
    close: encodeClose(NORMAL),
    boom: encodeFrame(Opcode.text, Buffer.from(message)),
    readAnswer: createReader(handshake),
  };
}

/** A server that does nothing but upgrade and close, at the port given, so that it is the client that a bench measures. */
import { createHash } from "node:crypto";
import { createServer, type Socket } from "node:net";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const KEY = "sec-websocket-key: ";
const KEY_LENGTH = 24;
/** A close frame without a code: as good an answer as any. */
const CLOSE = Buffer.from([0x88, 0]);
const BACKLOG = 4096;

const upgraded = new WeakSet<Socket>();

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("data", onData);
  // a reset is how some of them end
  socket.on("error", () => {});
});
server.listen(Number(process.argv[2]), "0.0.0.0", BACKLOG);

/** Every request and every close frame of both clients comes in one piece. */
function onData(this: Socket, bytes: Buffer): void {
  if (upgraded.has(this)) {
    if (bytes[0] === 0x88) this.end(CLOSE);
    return;
  }
  upgraded.add(this);
  const head = bytes.toString("latin1");
  const at = head.toLowerCase().indexOf(KEY) + KEY.length;
  const accept = createHash("sha1")
    .update(head.slice(at, at + KEY_LENGTH) + GUID)
    .digest("base64");
  this.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
}

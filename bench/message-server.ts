/** A server of the ws library at the port given: echoes, sends a flood to everybody who is there, stalls if it is told to; over HTTP it answers as much as an echo. */
import { createServer } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type WebSocket, WebSocketServer } from "ws";
import { nowUs } from "../lib/clients/stamp.ts";
import { MESSAGE_BYTES, writeMessage } from "./message.ts";

/** What is under way to clients at a time: more would only wait in the server's memory, and in every latency. */
const UNSENT_BYTES = 2 ** 20;
const STALL_MS = 400;
const STALL_EVERY_MS = 2000;

const [port, stalls] = process.argv.slice(2);
const ANSWER = "x".repeat(MESSAGE_BYTES);
const server = createServer((_, response) => {
  response.writeHead(200, { "content-type": "text/plain", "content-length": ANSWER.length }).end(ANSWER);
});
const clients = new Set<WebSocket>();
new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (client) => {
  clients.add(client);
  client.on("error", () => {});
  client.on("close", () => clients.delete(client));
  client.on("message", (data: Buffer) => {
    const count = /^flood (\d+)$/.exec(data.length < MESSAGE_BYTES ? data.toString() : "")?.[1];
    if (count === undefined) client.send(data);
    else void flood(Number(count));
  });
});
server.listen(Number(port), "127.0.0.1");
if (stalls !== undefined) setInterval(stall, STALL_EVERY_MS);

/** So many messages to everybody, as fast as they are read. */
async function flood(count: number): Promise<void> {
  for (let sequence = 0; sequence < count; sequence++) {
    const message = Buffer.from(writeMessage({ sequence, dueUs: nowUs(), lateUs: 0 }));
    for (const client of clients) client.send(message);
    while (unsentBytes() > UNSENT_BYTES) await nextTurn();
  }
}

function unsentBytes(): number {
  let bytes = 0;
  for (const client of clients) bytes += client.bufferedAmount;
  return bytes;
}

/** As a collection of garbage, or a query that is not awaited, would. */
function stall(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS);
}

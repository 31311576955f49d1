/** One client of bench/sockets.ts, in a process of its own: has messages echoed, or hears a flood; prints its figures. */
import { createHistogram } from "node:perf_hooks";
import { WebSocket as UndiciSocket } from "undici";
import WebSocket from "ws";
import { connectMany } from "../lib/clients/websocket.ts";
import { writeMessage } from "./message.ts";

/** What comes on a connection; the bytes are good until this returns. */
type Heard = (index: number, payload: Buffer) => void;

interface Connected {
  send(index: number, message: Buffer): void;
}

type Connect = (url: string, count: number, heard: Heard) => Promise<Connected>;

const CLIENTS: Readonly<Record<string, Connect>> = {
  proofload: connectOwn,
  ws: connectWs,
  undici: connectUndici,
};
const WORKS: Readonly<Record<string, (connect: Connect, url: string, checks: boolean) => Promise<object>>> = {
  "echo-1": echo(1),
  "echo-16": echo(16),
  flood: hearFlood,
};

const ECHOING = 64;
const ECHO_WARM_UP = 20_000;
const ECHOES = 200_000;
const HEARING = 500;
const FLOOD_WARM_UP = 200;
const FLOOD = 1500;

const [client = "", work = "", port = ""] = process.argv.slice(2);
const [connect, measure] = [CLIENTS[client], WORKS[work]];
if (!connect || !measure) throw new Error(`Cannot do "${work}" with "${client}"`);
console.log(JSON.stringify(await measure(connect, `ws://127.0.0.1:${port}/`, client === "proofload")));
process.exit();

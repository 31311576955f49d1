/** One client of bench/sockets.ts, in a process of its own: has messages echoed, hears a flood, or meets stalls; prints its figures. */
import { WebSocket as UndiciSocket } from "undici";
import WebSocket from "ws";
import { createLatencyRecord } from "../lib/clients/latency-record.ts";
import { createSequenceLedger } from "../lib/clients/sequence-ledger.ts";
import { nowUs, readStamps } from "../lib/clients/stamp.ts";
import { connectMany } from "../lib/clients/websocket.ts";
import { sendAtPace } from "../lib/scenario/pace.ts";
import { MESSAGE_BYTES, writeMessage } from "./message.ts";

/** What comes on a connection; the bytes are good until this returns. */
type Heard = (index: number, payload: Buffer) => void;
/** Sends this, once more, on a connection. */
type Send = (index: number, text: string) => void;

/** Opens so many connections. */
type Connect = (url: string, count: number, heard: Heard) => Promise<Send>;

const CLIENTS: Readonly<Record<string, Connect>> = {
  proofload: connectOwn,
  ws: connectWs,
  undici: connectUndici,
};

const ECHOING = 64;
const ECHOES = 200_000;
const HEARING = 500;
const FLOOD = 1500;
/** Five stalls. */
const STALLED_MS = 10_000;
const STALLED_RATE = 500;
/** Code compiles: a part that does not count. */
const WARM_UP_SHARE = 0.1;
/** What the others send, as their users would: always the same. */
const CONSTANT = "x".repeat(MESSAGE_BYTES);
const NOTHING = Buffer.alloc(0);

const [client = "", work = "", port = ""] = process.argv.slice(2);
const connect = CLIENTS[client];
if (!connect) throw new Error(`Cannot connect with "${client}"`);
const url = `ws://127.0.0.1:${port}/`;
const checks = client === "proofload";
const depth = Number(/^echo-(\d+)$/.exec(work)?.[1] ?? 0);
const figures = await (depth > 0
  ? haveEchoed(connect, depth)
  : work === "flood"
    ? hearFlood(connect)
    : meetStalls(connect, work === "open"));
console.log(JSON.stringify(figures));
process.exit();

/** Round trips: as many on their way on each connection as `depth` says. Ours are numbered, checked and timed, one by one. */
async function haveEchoed(open: Connect, under: number): Promise<object> {
  const check = createCheck(ECHOING);
  const next = new Array<number>(ECHOING).fill(0);
  const [meter, done] = createMeter(ECHOES);
  const write = (index: number) => {
    if (!checks) return CONSTANT;
    const sequence = next[index] ?? 0;
    next[index] = sequence + 1;
    return writeMessage({ sequence, dueUs: nowUs(), lateUs: 0 });
  };
  const send = await open(url, ECHOING, (index, payload) => {
    check.see(index, payload);
    if (meter.count()) send(index, write(index));
  });
  for (let index = 0; index < ECHOING; index++) for (let at = 0; at < under; at++) send(index, write(index));
  await done;
  return { ...meter.figures(), ...check.figures() };
}

/** Everybody hears everything, as fast as the server can send. */
async function hearFlood(open: Connect): Promise<object> {
  const check = createCheck(HEARING);
  const [meter, done] = createMeter(HEARING * FLOOD);
  const send = await open(url, HEARING, (index, payload) => {
    check.see(index, payload);
    meter.count();
  });
  send(0, `flood ${FLOOD}`);
  await done;
  return { ...meter.figures(), ...check.figures() };
}

/** What is heard of a server that stalls: by who sends as it is due, or by who waits for an answer before the next question. */
async function meetStalls(open: Connect, asDue: boolean): Promise<object> {
  const latency = createLatencyRecord();
  let taken = 0;
  const send = await open(url, 1, (_, payload) =>
    readStamps(payload, (_sequence, dueUs, lateUs) => {
      latency.record(nowUs() - dueUs, lateUs);
      taken++;
    }),
  );
  await sendAtPace({
    ...{ rate: asDue ? STALLED_RATE : null, lastsMs: STALLED_MS, taken: () => taken },
    signal: new AbortController().signal,
    send: (sequence, dueUs) => send(0, writeMessage({ sequence, dueUs, lateUs: nowUs() - dueUs })),
  });
  const { raw, corrected } = latency.summary();
  return { raw: raw.p99, p99: corrected.p99 };
}

/** Ours sees to order, loss and time of each message; the others to none of it. */
function createCheck(connections: number) {
  const ledger = createSequenceLedger(connections);
  const latency = createLatencyRecord();
  return {
    see(index: number, payload: Buffer) {
      if (!checks) return;
      readStamps(payload, (sequence, dueUs, lateUs) => {
        ledger.receive(index, sequence);
        latency.record(nowUs() - dueUs, lateUs);
      });
    },
    /** A rate at which something went wrong is none. */
    figures() {
      const { delivered: _, ...amiss } = ledger.total(0);
      if (Object.values(amiss).some((count) => count > 0))
        throw new Error(`Cannot measure: expected each once, in order, got ${JSON.stringify(amiss)}`);
      return { p99: latency.summary().corrected.p99 };
    },
  };
}

/** Counts to `total`, and measures from where the warm-up ends. */
function createMeter(total: number) {
  let counted = 0;
  let [startedMs, endedMs] = [0, 0];
  let cpu = process.cpuUsage();
  const warm = Math.round(total * WARM_UP_SHARE);
  let finish: () => void = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const meter = {
    /** Whether there is more to come. */
    count(): boolean {
      counted++;
      if (counted === warm) [startedMs, cpu] = [performance.now(), process.cpuUsage()];
      if (counted !== total) return counted < total;
      endedMs = performance.now();
      cpu = process.cpuUsage(cpu);
      finish();
      return false;
    },
    figures: () => ({
      rate: ((total - warm) / (endedMs - startedMs)) * 1000,
      cpuUs: (cpu.user + cpu.system) / (total - warm),
    }),
  };
  return [meter, done] as const;
}

async function connectOwn(to: string, count: number, heard: Heard): Promise<Send> {
  const clients = await connectMany({ url: to, count, listener: { onMessage: heard } });
  if (clients.opened !== count) throw new Error(`Cannot open ${count}: ${JSON.stringify(clients.failed)}`);
  return (index, text) => clients.send(text, index);
}

async function connectWs(to: string, count: number, heard: Heard): Promise<Send> {
  const sockets = Array.from({ length: count }, () => new WebSocket(to, { perMessageDeflate: false }));
  await Promise.all(
    sockets.map((socket, index) => {
      socket.on("message", (data: Buffer) => heard(index, data));
      return new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
    }),
  );
  return (index, text) => sockets[index]?.send(text);
}

async function connectUndici(to: string, count: number, heard: Heard): Promise<Send> {
  const sockets = Array.from({ length: count }, () => new UndiciSocket(to));
  await Promise.all(
    sockets.map((socket, index) => {
      // its text is all that counts here, and nobody reads it
      socket.onmessage = () => heard(index, NOTHING);
      return new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onerror = reject;
      });
    }),
  );
  return (index, text) => sockets[index]?.send(text);
}

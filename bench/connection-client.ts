/** One client of bench/sockets.ts, in a process of its own: opens connections and ends each, or holds them all; prints its figures. */
import { readdirSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { WebSocket as UndiciSocket } from "undici";
import WebSocket from "ws";
import type { Ending } from "../lib/clients/settings.ts";
import { churn, connectMany } from "../lib/clients/websocket.ts";
import { anonymousBytes } from "./processes.ts";

/** As many handshakes at a time on either side. */
const CONCURRENCY = 64;
/** Each address has 28 000 ports for its clients. */
const HOSTS = Array.from({ length: 8 }, (_, at) => `127.0.0.${at + 1}`);
/** Code compiles, and pages of it are read: the same for both. */
const WARM_UP = 3000;
const HOLD_WARM_UP = 200;
const LONGEST_MS = 60_000;

const kept: unknown[] = [];

type How = "polite" | "reset" | "hold";
const CLIENTS: Readonly<Record<string, (how: How, port: number, count: number) => Promise<number>>> = {
  proofload: loadOwn,
  ws: (how, port, count) => loadPlain(openWs, how, port, count),
  undici: (how, port, count) => loadPlain(openUndici, how, port, count),
};

const [client = "", how = "", port = "", count = "", processes = "1"] = process.argv.slice(2);
const load = CLIENTS[client];
if (!load) throw new Error(`Cannot load with "${client}"`);
const figures = await (how === "hold" ? measureHeld(load) : measureChurn(load, how as How));
console.log(JSON.stringify(figures));
// what is held goes with the process
process.exit();

/** Only verified connections count: every other is a reason to stop. */
async function measureChurn(loadSome: typeof loadOwn, ending: How) {
  await loadSome(ending, Number(port), WARM_UP);
  const [cpu, startedMs] = [process.cpuUsage(), performance.now()];
  const opened = await loadSome(ending, Number(port), Number(count));
  const tookMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  return { opened, rate: opened / (tookMs / 1000), cpuUs: (user + system) / opened };
}

async function measureHeld(loadSome: typeof loadOwn) {
  await loadSome("hold", Number(port), HOLD_WARM_UP);
  const before = anonymousBytes("self") ?? 0;
  const held = await loadSome("hold", Number(port), Number(count));
  const bytes = ((anonymousBytes("self") ?? 0) - before) / held;
  // all processes hold at the same time, or none is counted
  writeFileSync(`held-${process.pid}`, "");
  const untilMs = performance.now() + LONGEST_MS;
  while (readdirSync(".").filter((name) => name.startsWith("held-")).length < Number(processes)) {
    if (performance.now() > untilMs) throw new Error("Cannot hold: the other processes are not there");
    await delay(50);
  }
  return { held, bytes };
}

async function loadOwn(how: How, port: number, count: number): Promise<number> {
  const settings = { url: `ws://127.0.0.1:${port}/`, count, concurrency: CONCURRENCY, hosts: HOSTS };
  const { opened, refused, failed, refusedBy } =
    how === "hold" ? keep(await connectMany(settings)) : await churn(settings, how as Ending);
  if (opened === count) return opened;
  throw new Error(`Cannot open ${count}: ${JSON.stringify({ opened, refused, failed, refusedBy })}`);
}

function keep<T>(what: T): T {
  kept.push(what);
  return what;
}

/** What both plain clients can do. */
interface Plain {
  end(): void;
}

/** Who wants to hear when it is open, and when it is gone. */
interface Events {
  readonly open: (socket: Plain) => void;
  readonly closed: () => void;
  readonly failed: (error: unknown) => void;
}

type OpenPlain = (url: string, how: How, events: Events) => void;

/** As its documentation uses it; it verifies by itself. Compression is not offered by either side. */
function openWs(url: string, how: How, { open, closed, failed }: Events): void {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on("error", failed);
  socket.on("open", () => open({ end: () => (how === "polite" ? socket.close(1000) : socket.terminate()) }));
  socket.on("close", closed);
}

/** As in a browser: it can only close politely. */
function openUndici(url: string, _how: How, { open, closed, failed }: Events): void {
  const socket = new UndiciSocket(url);
  socket.onerror = failed;
  socket.onopen = () => open({ end: () => socket.close(1000) });
  socket.onclose = closed;
}

function loadPlain(openOne: OpenPlain, how: How, port: number, count: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let [started, done] = [0, 0];
    const finish = () => {
      done++;
      if (done === count) resolve(done);
      else next();
    };
    const next = () => {
      if (started >= count) return;
      const host = HOSTS[started++ % HOSTS.length];
      openOne(`ws://${host}:${port}/`, how, {
        failed: reject,
        open(socket) {
          if (how !== "hold") return socket.end();
          kept.push(socket);
          finish();
        },
        closed: () => how !== "hold" && finish(),
      });
    };
    for (let at = 0; at < CONCURRENCY; at++) next();
  });
}

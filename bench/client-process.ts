/** Clients and servers of a bench, each a process of its own. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Figures } from "./contest.ts";
import type { Workbench } from "./workbench.ts";

const TSX = fileURLToPath(new URL("../node_modules/tsx/dist/loader.mjs", import.meta.url));
const STARTS_WITHIN_MS = 10_000;

function command(file: string, words: readonly (string | number)[]): string[] {
  return ["--import", TSX, fileURLToPath(new URL(file, import.meta.url)), ...words.map(String)];
}

/** Starts it once, at a free port that it answers; it ends with the bench. */
export function startServer(
  bench: Workbench,
  file: "./ws-server.ts" | "./upgrade-server.ts" | "./message-server.ts",
  words: readonly string[] = [],
): () => Promise<number> {
  let port: Promise<number> | null = null;
  const start = async () => {
    const free = await findPort();
    bench.start(process.execPath, command(file, [free, ...words]));
    const untilMs = performance.now() + STARTS_WITHIN_MS;
    while (!(await answers(free))) {
      if (performance.now() > untilMs) throw new Error(`Cannot start ${file}: nobody answers`);
      await delay(20);
    }
    return free;
  };
  return () => {
    port ??= start();
    return port;
  };
}

async function findPort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

/** Runs a client of bench/sockets.ts to its end and answers its figures. */
export async function runClient(
  bench: Workbench,
  words: readonly (string | number)[],
  flags: readonly string[] = [],
  file = "./connection-client.ts",
): Promise<Figures> {
  const { output } = await bench.run(process.execPath, [...flags, ...command(file, words)]);
  return JSON.parse(output);
}

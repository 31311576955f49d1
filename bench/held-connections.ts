/** Memory of held connections, beside the ws library and undici: one process with 19 900, three with 51 000 and their warm-ups. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runClient, startServer } from "./client-process.ts";
import type { Contest, Contestant, Figures } from "./contest.ts";
import type { Workbench } from "./workbench.ts";

const ONE = 19_700;
/** The warm-up's are held too. */
const WARM_UP = 200;
const THREE = 17_000;
const SPARE = 100;
/**
 * Node's young generation grows to 3 × 16 MiB as soon as so many objects outlive a collection, however small they are: a cost once, not
 * for each connection, which this setting avoids (as `heapLimitMib` does for a worker thread). Measured with and without.
 */
const SMALL_YOUNG_GENERATION = ["--max-semi-space-size=1"];

export function contestHeld(bench: Workbench): Contest {
  const limit = Number(/^Max open files +\d+ +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]);
  const missing =
    limit < ONE + WARM_UP + SPARE
      ? `needs ${ONE + WARM_UP + SPARE} descriptors (ulimit -n), has ${limit}`
      : null;
  const servers = [0, 1, 2].map(() => startServer(bench, "./upgrade-server.ts"));
  const hold = (client: string, each: number, processes: number, flags: readonly string[]): Contestant => ({
    missing,
    async measure() {
      const ports = await Promise.all(servers.slice(0, processes).map((port) => port()));
      try {
        return sum(
          await Promise.all(
            ports.map((port) => runClient(bench, [client, "hold", port, each, processes], flags)),
          ),
        );
      } finally {
        for (const name of readdirSync(bench.folder)) rmSync(join(bench.folder, name));
      }
    },
  });
  const [one, three, natural] = ["1 process", "3 processes", "1 process, no flag"];
  const [peer, other] = ["ws client", "undici client"];
  return {
    name: "held",
    warmsItself: true,
    contestants: {
      [one]: hold("proofload", ONE, 1, SMALL_YOUNG_GENERATION),
      [peer]: hold("ws", ONE, 1, SMALL_YOUNG_GENERATION),
      [other]: hold("undici", ONE, 1, SMALL_YOUNG_GENERATION),
      [natural]: hold("proofload", ONE, 1, []),
      [three]: hold("proofload", THREE, 3, SMALL_YOUNG_GENERATION),
    },
    rows: [
      {
        ...{
          work: `hold ${ONE + WARM_UP}: memory of each`,
          figure: "bytes",
          unit: "B",
          ours: one,
          peers: [peer, other],
        },
        target: { of: "own", atMost: 2500 },
      },
      { work: "— Node's own young generation", figure: "bytes", unit: "B", ours: natural, peers: [peer] },
      {
        ...{ work: "hold 51 600 from 3 processes", figure: "bytes", unit: "B", ours: three, peers: [peer] },
        target: { of: "own", atMost: 2500 },
      },
      {
        ...{ work: "— held at the same time", figure: "held", unit: "", ours: three, peers: [peer] },
        target: { of: "own", atLeast: 51_000 },
      },
    ],
  };
}

/** Connections of all together, and the memory of one. */
function sum(all: readonly Figures[]): Figures {
  const held = all.reduce((total, each) => total + (each.held ?? 0), 0);
  const bytes = all.reduce((total, each) => total + (each.held ?? 0) * (each.bytes ?? 0), 0) / held;
  return { held, bytes };
}

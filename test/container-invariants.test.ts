/** The invariants of container-health and container-restart on made-up evidence. */
import { describe } from "node:test";
import type { Restarts } from "../lib/scenario/container-restarts.ts";
import { scenario as health } from "../scripts/container-health.ts";
import { scenario as containerRestart } from "../scripts/container-restart.ts";
import { judgeEach } from "./judge-each.ts";
import { broken, busyFor, MEBI, seen, WELL } from "./made-up-containers.ts";

describe("container-health", () => {
  const loaded = {
    ...{ kinds: ["cpu", "memory", "collection"] as const, askedBytes: 100 * MEBI, heldBytes: 100 * MEBI },
    ...{ listings: 3, notListed: null },
  };
  judgeEach(
    health,
    {
      ...{ evidence: { missing: [], loaded, ...seen({}) }, named: [], stayed: [] },
      samples: busyFor(0, 1.9, 3.9),
    },
    {
      "every container that was named is there": { broken: [{ evidence: { missing: ["two"] } }] },
      "each was running and healthy before": broken({ wellBefore: false }),
      "the engine told what happened": {
        unknown: [{ evidence: seen({}, { listened: false }) }],
      },
      "the box was loaded: its processors busy, memory taken, tests listed, as asked for": {
        broken: [
          { evidence: { loaded: { ...loaded, heldBytes: 90 * MEBI } } },
          { evidence: { loaded: { ...loaded, listings: 0 } } },
          { samples: busyFor(0, 1, 2) },
        ],
        held: [{ evidence: { loaded: { ...loaded, kinds: ["memory"] } }, samples: busyFor(0, 0.1, 0.2) }],
        skipped: [{ evidence: { loaded: { ...loaded, kinds: ["collection"], notListed: "needs Node" } } }],
      },
      "each stays running": {
        broken: [
          ...[{ deaths: [1] }, { gone: true }, { status: "paused" }].map((one) => ({ evidence: seen(one) })),
        ],
        // who was not well before has it from somewhere else
        held: [{ evidence: seen({ wellBefore: false, status: "exited" }) }],
        unknown: [{ evidence: seen({}, { containers: [] }) }],
      },
      "none is killed for lack of memory": {
        broken: [{ evidence: seen({ ooms: 1 }) }, { evidence: seen({ oomKills: 1 }) }],
      },
      "none is restarted": broken({ starts: 1 }),
      "health never fails": {
        broken: [{ evidence: seen({ unhealthy: 1 }) }, { evidence: seen({ health: "unhealthy" }) }],
      },
      "memory stays below {maxMemory} of its limit, but for {maxViolations} samples": {
        broken: [{ evidence: seen({ overMemory: 3 }) }],
        held: [{ evidence: seen({ overMemory: 2 }) }],
      },
      "each takes less than {maxCpu} of a processor": {
        broken: [{ evidence: seen({ peakCores: 2 }) }],
        held: [{ evidence: seen({ peakCores: 1.99 }) }],
      },
      "in {minStable} of the samples of each all is well": {
        broken: [{ evidence: seen({ stable: 79 }) }],
        held: [{ evidence: seen({ stable: 80 }) }],
      },
      "each is running and healthy": {
        broken: [{ health: "starting" }, { status: "exited" }, { gone: true }].map((one) => ({
          evidence: seen(one),
        })),
      },
    },
  );
});

describe("container-restart", () => {
  const one = { name: "one", way: "restart" as const, wellMs: 500, changed: [], dependants: [] };
  const two = { ...one, name: "two", way: "kill" as const, dependants: [{ name: "one", wellMs: 800 }] };
  const restarts: Restarts = { done: [one, two], passedOver: [], spared: ["vault"] };
  const after = (change: Partial<Restarts>) => ({ evidence: { restarts: { ...restarts, ...change } } });
  const vault = { ...WELL, name: "vault" };
  const watch = { containers: [WELL, vault], story: [], breaks: 0, listened: true };
  judgeEach(
    containerRestart,
    { evidence: { missing: [], restarts, watch }, named: [], stayed: [] },
    {
      "every container that was named is there": { broken: [{ evidence: { missing: ["two"] } }] },
      "each was running and healthy before": broken({ wellBefore: false }),
      "the engine told what happened": { unknown: [{ evidence: seen({}, { listened: false }) }] },
      "containers were brought down in every way": {
        unknown: [after({ done: [one] }), after({ done: [], passedOver: ["one: not killed"] })],
      },
      "each is running and healthy again within {within}": {
        broken: [
          { evidence: { restarts: { ...restarts, done: [one, { ...two, wellMs: null }] } } },
          after({ done: [{ ...one, wellMs: 90_001 }] }),
        ],
        unknown: [after({ done: [] })],
      },
      "each has the same ports, mounts and networks again": {
        broken: [
          { evidence: { restarts: { ...restarts, done: [{ ...one, changed: ["no more: port 80"] }] } } },
        ],
      },
      "those that depend on it are well again within {within}": {
        broken: [
          {
            evidence: {
              restarts: { ...restarts, done: [{ ...two, dependants: [{ name: "one", wellMs: null }] }] },
            },
          },
        ],
        skipped: [after({ done: [one] })],
      },
      "none that is critical is touched": {
        broken: [{ deaths: [137] }, { starts: 1 }].map((change) => ({
          evidence: { watch: { ...watch, containers: [WELL, { ...vault, ...change }] } },
        })),
        skipped: [after({ spared: [] })],
      },
      "each is running and healthy": broken({ status: "exited" }),
    },
  );
});

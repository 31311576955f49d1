/** The invariants of container-pressure on made-up evidence. */
import { describe } from "node:test";
import type { ContainerRecord } from "../lib/engine/observed.ts";
import type { Pressure } from "../lib/scenario/inside-pressure.ts";
import type { PressureRound } from "../lib/scenario/pressure-findings.ts";
import { scenario as containerPressure } from "../scripts/container-pressure.ts";
import { judgeEach } from "./judge-each.ts";
import { busyFor, MEBI, WELL } from "./made-up-containers.ts";

describe("container-pressure", () => {
  const pressure: Pressure = {
    ...{ kinds: ["memory", "cpu"], memoryBytes: 200e6, pieceBytes: 20e6, workers: 4, lastsMs: 4000 },
  };
  const killed: ContainerRecord = { ...WELL, ooms: 1, deaths: [137], starts: 1 };
  const line = (what: string, atMs: number) => ({ container: "one", what, atMs });
  const story = [
    line("oom", 1),
    line("ended with 137", 2),
    line("start", 3),
    line("health_status: healthy", 4),
  ];
  const inside: PressureRound = {
    ...{ place: "inside", pressure, refused: [], beside: null, wellMs: 900 },
    watch: { containers: [killed], story, breaks: 0, listened: true },
  };
  const beside: PressureRound = {
    ...{ ...inside, place: "beside" },
    watch: { containers: [WELL], story: [], breaks: 0, listened: true },
    beside: { kinds: ["memory", "cpu"], askedBytes: 200e6, heldBytes: 200e6, listings: 0, notListed: null },
  };
  const round = (change: Partial<PressureRound>) => ({ evidence: { rounds: [{ ...inside, ...change }] } });
  const of = (change: Partial<ContainerRecord>) =>
    round({ watch: { ...inside.watch, containers: [{ ...killed, ...change }] } });
  const told = (...lines: readonly [string, number][]) =>
    round({ watch: { ...inside.watch, story: lines.map(([what, atMs]) => line(what, atMs)) } });
  const none = [{ evidence: { rounds: [] } }];
  judgeEach(
    containerPressure,
    {
      evidence: { missing: [], rounds: [inside, beside], cores: 2 },
      ...{ named: [], stayed: [] },
      samples: busyFor(0, 1.9, 3.9).map((sample) => ({ ...sample, phase: "hold beside" })),
    },
    {
      "every container that was named is there": { broken: [{ evidence: { missing: ["two"] } }] },
      "each was running and healthy before": { broken: [of({ wellBefore: false })], unknown: none },
      "the pressure was there: what was asked for, or as much as there is": {
        broken: [
          of({ ooms: 0, oomKills: 0, peakMemoryBytes: MEBI }),
          of({ throttledMs: 0, peakCores: 0.5 }),
          {
            evidence: { rounds: [beside] },
            samples: busyFor(0, 1, 2).map((one) => ({ ...one, phase: "hold beside" })),
          },
        ],
        held: [of({ ooms: 0, peakMemoryBytes: 31 * MEBI }), of({ throttledMs: null, peakCores: 1.9 })],
        unknown: [round({ refused: ["one: sh: not found"] }), ...none],
      },
      "each survives, or is started again by its policy": {
        broken: [of({ starts: 0 }), of({ gone: true }), of({ status: "paused" })],
        unknown: none,
      },
      "all are well again within {settle}": {
        broken: [round({ wellMs: null }), round({ wellMs: 60_001 })],
        unknown: none,
      },
      "the engine tells it in order": {
        broken: [
          told(["start", 1], ["ended with 137", 2]),
          told(["ended with 137", 2], ["ended with 137", 3]),
          told(["ended with 137", 2000], ["start", 1]),
          told(["ended with 137", 1], ["oom", 3000]),
        ],
        // the kernel's word of it comes by another way
        held: [told(["ended with 137", 1], ["oom", 2], ["start", 3])],
        unknown: [round({ watch: { ...inside.watch, listened: false } })],
      },
      "each is running and healthy": { broken: [of({ health: "unhealthy" })], unknown: none },
    },
  );
});

#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Puts memory and processors under pressure inside containers and beside them: each survives, or is started again by its policy. */
import { judgeBoxLoad } from "../lib/scenario/box-load.ts";
import { measureThere, measureWellBefore } from "../lib/scenario/container-findings.ts";
import {
  changingOptions,
  containersMissing,
  refuseChanging,
  selectionOf,
} from "../lib/scenario/container-options.ts";
import { PRESSURES } from "../lib/scenario/inside-pressure.ts";
import { main } from "../lib/scenario/main.ts";
import { fillingThreads } from "../lib/scenario/memory.ts";
import { bytes, count, duration } from "../lib/scenario/number-options.ts";
import { namesFor, plant } from "../lib/scenario/planting.ts";
import {
  eachRound,
  measureOrder,
  measurePressed,
  measureSurvived,
  measureWellAtLast,
  measureWellSoon,
  PLACES,
  type PressureRound,
} from "../lib/scenario/pressure-findings.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { some } from "../lib/scenario/text-options.ts";
import { CONTAINER_FAULTS } from "../targets/containers/faults.ts";
import type * as burnCpu from "../workers/burn-cpu.ts";
import type * as holdMemory from "../workers/hold-memory.ts";

const EVERY_MS = 100;
/** Who is well for so long has come back. */
const STEADY_MS = 2000;

export const scenario = defineScenario({
  summary:
    "Put memory and processors under pressure inside containers and beside them: each survives, or comes back.",
  group: "containers",
  target: { role: "none" },
  options: {
    ...changingOptions(),
    places: some(PLACES, { help: "in the containers themselves, by their own sh and awk, or on the box" }),
    load: some(PRESSURES, { help: "what is put under pressure" }),
    memory: bytes({
      default: "1GB",
      smoke: "200MB",
      help: "how much memory is asked for, in each container and beside them",
    }),
    piece: bytes({ default: "20MB", min: "64KiB", help: "in pieces of so much" }),
    workers: count({ default: "4", min: "1", max: "256", help: "how many burn, in each and beside them" }),
    hold: duration({
      default: "20s",
      smoke: "4s",
      profile: "stressDuration",
      help: "how long each pressure lasts",
    }),
    settle: duration({
      default: "60s",
      smoke: "15s",
      help: "how soon all have to be running and healthy afterwards",
    }),
    fault: plant(
      namesFor("container-pressure", CONTAINER_FAULTS),
      "break a container of the demo on purpose: this scenario finds it",
    ),
  },
  requires: (_, options) => containersMissing(options),
  contradictions: refuseChanging,
  plan: ({ places, load, memory, workers, hold, settle }, host) => ({
    durationMs: 4000 + places.length * (hold + settle / 4),
    steps: [
      `put ${load.join(" and ")} under pressure ${places.join(" the containers, and ")} them`,
      "wait each time until all are running and healthy again",
    ],
    peak: {
      ...(load.includes("memory") && { memoryBytes: memory }),
      ...(load.includes("cpu") && { cores: Math.min(workers, host.allowedCpus.length) }),
    },
  }),

  async run(context) {
    const { options, host, phase, stress, signal, keepRunning } = context;
    const { places, load: kinds, memory, piece, workers, hold, settle, demo, fault } = options;
    const { watchChosen } = await import("../lib/scenario/chosen-containers.ts");
    const { pressInside } = await import("../lib/scenario/inside-pressure.ts");
    const { pressedContainers } = await import("../targets/containers/pressed.ts");
    const { awaitSteady } = await import("../lib/scenario/steady.ts");
    const chosen = await watchChosen(
      context,
      demo ? pressedContainers(fault?.[0] ?? null) : null,
      selectionOf(options),
      { intervalMs: EVERY_MS, maxMemoryShare: 1, settleMs: settle },
    );
    const { engine, ids, missing, watch } = chosen;
    const pressure = { kinds, memoryBytes: memory, pieceBytes: piece, workers, lastsMs: hold };

    async function pressBeside() {
      const threads = fillingThreads(host);
      const burn = kinds.includes("cpu")
        ? await stress<typeof burnCpu>("burn-cpu", {
            unit: "share",
            tasks: Array.from({ length: workers }, () => ({ amount: 1 })),
          })
        : null;
      const fill = kinds.includes("memory")
        ? await stress<typeof holdMemory>("hold-memory", {
            unit: "bytes",
            tasks: Array.from({ length: threads }, () => ({
              amount: Math.round(memory / threads),
              chunkBytes: piece,
            })),
          })
        : null;
      await phase("load", { label: "beside", lastsMs: 1000 }, () =>
        Promise.all([burn?.acquire(), fill?.acquire()]),
      );
      await phase("hold", { label: "beside", lastsMs: hold });
      const [, filled] = await Promise.all([burn?.release(), fill?.release()]);
      const heldBytes = (filled ?? []).reduce((sum, { held }) => sum + held, 0);
      return { refused: [], beside: { kinds, askedBytes: memory, heldBytes, listings: 0, notListed: null } };
    }

    async function pressInThem() {
      const inside = await phase("load", { label: "inside", lastsMs: 2000 }, () =>
        pressInside(engine, ids, pressure, signal),
      );
      try {
        await phase("hold", { label: "inside", lastsMs: hold });
      } finally {
        await inside.end();
      }
      return { refused: inside.refused, beside: null };
    }

    async function pressOnce(place: PressureRound["place"]): Promise<PressureRound> {
      watch.begin();
      await phase("baseline", { label: place, lastsMs: 500 });
      const pressed = await (place === "inside" ? pressInThem() : pressBeside());
      const endMs = performance.now();
      const wellMs = await phase("recovery", { label: place, lastsMs: settle }, () =>
        awaitSteady(watch.allWell, { startMs: endMs, withinMs: settle, steadyMs: STEADY_MS }),
      );
      return { place, pressure, ...pressed, wellMs, watch: await watch.tell() };
    }

    try {
      keepRunning({ host: chosen.host, ids: chosen.running });
      const rounds: PressureRound[] = [];
      for (const place of places) if (!signal.aborted) rounds.push(await pressOnce(place));
      return { missing, rounds, cores: host.allowedCpus.length };
    } finally {
      await chosen.close();
    }
  },

  invariants: {
    applied: {
      "every container that was named is there": ({ evidence: { missing, rounds } }) =>
        measureThere(missing, rounds[0]?.watch.containers.length ?? 0),
      "each was running and healthy before": ({ evidence: { rounds } }) =>
        eachRound(rounds.slice(0, 1), measureWellBefore),
      "the pressure was there: what was asked for, or as much as there is": ({ evidence, windows }) =>
        eachRound(evidence.rounds, (round) =>
          round.beside === null
            ? measurePressed(round, evidence.cores)
            : judgeBoxLoad(round.beside, windows.of("hold", "beside")),
        ),
    },
    held: {
      "each survives, or is started again by its policy": ({ evidence }) =>
        eachRound(evidence.rounds, measureSurvived),
      "all are well again within {settle}": ({ evidence, options }) =>
        eachRound(evidence.rounds, (round) => measureWellSoon(round, options.settle)),
      "the engine tells it in order": ({ evidence }) => eachRound(evidence.rounds, measureOrder),
    },
    recovered: {
      "each is running and healthy": ({ evidence: { rounds } }) => measureWellAtLast(rounds),
    },
  },
});

await main(import.meta, scenario);

#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Loads the box, and watches containers meanwhile: they stay running, healthy and within their limits. */
import { tmpdir } from "node:os";
import { BOX_LOADS, judgeBoxLoad } from "../lib/scenario/box-load.ts";
import {
  foundInvariants,
  measureCpu,
  measureHealth,
  measureMemory,
  measureOom,
  measureRunning,
  measureStable,
  measureStarts,
  measureWellAfter,
} from "../lib/scenario/container-findings.ts";
import {
  containerOptions,
  containersMissing,
  refuseBothKinds,
  selectionOf,
} from "../lib/scenario/container-options.ts";
import { main } from "../lib/scenario/main.ts";
import { fillingThreads } from "../lib/scenario/memory.ts";
import { bytes, count, duration, multiple, share } from "../lib/scenario/number-options.ts";
import { namesFor, plant } from "../lib/scenario/planting.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { some } from "../lib/scenario/text-options.ts";
import { MIB } from "../lib/units.ts";
import { CONTAINER_FAULTS } from "../targets/containers/faults.ts";
import type * as burnCpu from "../workers/burn-cpu.ts";
import type * as holdMemory from "../workers/hold-memory.ts";

const CHUNK_BYTES = 10 * MIB;
const LISTED_FILES = 400;
/** Beside those who list tests: a box that leaves us no moment tells nothing. */
const BURN_BESIDE = 0.7;

export const scenario = defineScenario({
  summary: "Load the box and watch containers: they stay running, healthy and within their limits.",
  group: "containers",
  target: { role: "none" },
  options: {
    ...containerOptions(),
    load: some(BOX_LOADS, {
      help: "what the box suffers meanwhile: tests that are listed are the collection",
    }),
    memory: bytes({ default: "1GiB", smoke: "64MiB", help: "how much memory is taken" }),
    hold: duration({
      default: "30s",
      smoke: "5s",
      profile: "stressDuration",
      help: "how long the load lasts",
    }),
    settle: duration({ default: "30s", smoke: "10s", help: "how long they may take to be well again" }),
    every: duration({ default: "250ms", min: "50ms", help: "how often each container is looked at" }),
    maxMemory: share({ default: "95%", help: "of its limit, what a container's memory has to stay below" }),
    maxViolations: count({ default: "2", help: "samples in which it may be higher" }),
    maxCpu: multiple({ default: "200%", help: "of a processor, at most, over a second" }),
    minStable: share({ default: "80%", help: "least share of samples in which all is well" }),
    fault: plant(
      namesFor("container-health", CONTAINER_FAULTS),
      "break a container of the demo on purpose: this scenario finds it",
    ),
  },
  requires: (_, options) => containersMissing(options),
  contradictions: (options) => [
    ...refuseBothKinds(options),
    ...(options.fault && !options.demo
      ? ["Cannot break containers of yours: expected --demo with --fault"]
      : []),
  ],
  plan: ({ load, memory, hold, settle }, host) => ({
    durationMs: 5000 + hold + settle / 4,
    steps: [
      `load the box with ${load.join(", ")}`,
      "watch each container meanwhile, and until all are well again",
    ],
    peak: {
      ...(load.includes("memory") && { memoryBytes: memory }),
      ...(load.includes("cpu") && { cores: host.allowedCpus.length }),
    },
  }),

  async run(context) {
    const { options, host, phase, stress, signal, temporaryFolder, markProcesses } = context;
    const { load, memory, hold, settle, every, maxMemory, demo, fault } = options;
    const { watchChosen } = await import("../lib/scenario/chosen-containers.ts");
    const { demoContainers } = await import("../targets/containers/demo.ts");
    const { scaleCollection } = await import("../lib/source/scale-collection.ts");
    const { lookUntil } = await import("../lib/scenario/abortable.ts");
    const { engine, ids, missing, watch, close } = await watchChosen(
      context,
      demo ? demoContainers(fault?.[0] ?? null) : null,
      selectionOf(options),
      { intervalMs: every, maxMemoryShare: maxMemory, settleMs: demo ? settle : 0 },
    );
    try {
      await phase("baseline", { lastsMs: 1000 });
      const threads = fillingThreads(host);
      const burn = load.includes("cpu")
        ? await stress<typeof burnCpu>("burn-cpu", {
            unit: "share",
            tasks: host.allowedCpus.map(() => ({ amount: load.includes("collection") ? BURN_BESIDE : 1 })),
          })
        : null;
      const fill = load.includes("memory")
        ? await stress<typeof holdMemory>("hold-memory", {
            unit: "bytes",
            tasks: Array.from({ length: threads }, () => ({
              amount: Math.round(memory / threads),
              chunkBytes: CHUNK_BYTES,
            })),
          })
        : null;
      await phase("load", { lastsMs: 1000 }, () => Promise.all([burn?.acquire(), fill?.acquire()]));
      if (fault) await engine.run(ids.at(-1) ?? "", ["kill", "-USR1", "1"]);
      const over = new AbortController();
      const listing = load.includes("collection")
        ? scaleCollection(
            {
              ...{ project: ".", collector: "node-test", files: [LISTED_FILES], repeats: 1000 },
              ...{ folders: 1, circular: 2, own: false, within: hold, deepWithin: hold, fault: null },
              ...{ mark: markProcesses(), signal: AbortSignal.any([signal, over.signal]) },
            },
            () => temporaryFolder(tmpdir()),
          )
        : null;
      await phase("hold", { lastsMs: hold });
      over.abort();
      const listed = await listing;
      const ended = await phase("recovery", { lastsMs: settle }, async () => {
        const [, filled] = await Promise.all([burn?.release(), fill?.release()]);
        await lookUntil(watch.allWell, settle);
        return { heldBytes: (filled ?? []).reduce((sum, { held }) => sum + held, 0) };
      });
      return {
        missing,
        loaded: {
          ...{ kinds: load, askedBytes: memory, ...ended },
          ...{ listings: listed?.runs.length ?? 0, notListed: listed?.missing ?? null },
        },
        watch: await watch.tell(),
      };
    } finally {
      await close();
    }
  },

  invariants: {
    applied: {
      ...foundInvariants,
      "the box was loaded: its processors busy, memory taken, tests listed, as asked for": ({
        evidence,
        windows,
      }) => judgeBoxLoad(evidence.loaded, windows.of("hold")),
    },
    held: {
      "each stays running": ({ evidence }) => measureRunning(evidence),
      "none is killed for lack of memory": ({ evidence }) => measureOom(evidence),
      "none is restarted": ({ evidence }) => measureStarts(evidence),
      "health never fails": ({ evidence }) => measureHealth(evidence),
      "memory stays below {maxMemory} of its limit, but for {maxViolations} samples": ({
        evidence,
        options,
      }) => measureMemory(evidence, options.maxMemory, options.maxViolations),
      "each takes less than {maxCpu} of a processor": ({ evidence, options }) =>
        measureCpu(evidence, options.maxCpu),
      "in {minStable} of the samples of each all is well": ({ evidence, options }) =>
        measureStable(evidence, options.minStable),
    },
    recovered: {
      "each is running and healthy": ({ evidence }) => measureWellAfter(evidence),
    },
  },
});

await main(import.meta, scenario);

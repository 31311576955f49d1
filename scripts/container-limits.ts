#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Reads the limits of containers, and tries each of them in a container of ours that has the same: they are there, sane and enforced. */
import { measureThere } from "../lib/scenario/container-findings.ts";
import {
  containerOptions,
  containersMissing,
  refuseBothKinds,
  selectionOf,
} from "../lib/scenario/container-options.ts";
import {
  measureKernel,
  measureKilled,
  measureLimited,
  measureNoneLeft,
  measureRefused,
  measureSane,
  measureThrottled,
  measureTried,
} from "../lib/scenario/limit-findings.ts";
import { main } from "../lib/scenario/main.ts";
import { bytes, count } from "../lib/scenario/number-options.ts";
import { namesFor, plant } from "../lib/scenario/planting.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { CONTAINER_FAULTS } from "../targets/containers/faults.ts";

/** Of one set of limits. */
const TRIED_MS = 6000;
/** A probe of memory wants so much more than it should get. */
const BEYOND = 1.25;

export const scenario = defineScenario({
  summary:
    "Read containers' limits, and try each in a container of ours with the same: there, sane and enforced.",
  group: "containers",
  target: { role: "none" },
  options: {
    ...containerOptions(),
    minMemory: bytes({ default: "256MB", help: "least sane limit of a container's memory" }),
    maxMemory: bytes({ default: "8GB", help: "largest sane one" }),
    probeMemory: bytes({ default: "1GiB", help: "a limit of more memory is not tried" }),
    probeProcesses: count({ default: "4096", help: "a limit of more processes is not tried" }),
    fault: plant(
      namesFor("container-limits", CONTAINER_FAULTS),
      "break a limit of the demo on purpose: this scenario finds it",
    ),
  },
  requires: (_, options) => containersMissing(options),
  contradictions: refuseBothKinds,
  plan: ({ demo, container, probeMemory }) => ({
    durationMs: 4000 + TRIED_MS * Math.max(1, container.length),
    steps: [
      `read the limits of ${demo ? "the demo's containers" : "the containers that are named"}`,
      "try each set of limits in a container of ours that has the same: memory, quota, processes",
    ],
    peak: { memoryBytes: BEYOND * probeMemory },
  }),

  async run({ options, phase, signal, temporaryFolder, ownContainers }) {
    const { demo, fault, probeMemory, probeProcesses } = options;
    const { chooseContainers } = await import("../lib/scenario/chosen-containers.ts");
    const { readContainerLimits, tryLimits } = await import("../lib/scenario/container-limits.ts");
    const { limitedContainers, withoutEnforcement } = await import("../targets/containers/limited.ts");
    const planted = fault?.[0] ?? null;
    const own = { temporaryFolder, ownContainers };
    const { engine, host, ids, missing } = await phase("warm-up", { lastsMs: 2000 }, () =>
      chooseContainers(own, demo ? limitedContainers(planted) : null, selectionOf(options)),
    );
    try {
      await phase("baseline", { lastsMs: 500 });
      const found = await Promise.all(ids.map((id) => readContainerLimits(engine, id)));
      const containers = found.filter((one) => one !== null);
      const tried = await phase("load", { lastsMs: TRIED_MS }, () =>
        tryLimits(containers, {
          ...{ engine, host, ...own, signal },
          most: { memoryBytes: probeMemory, processes: probeProcesses },
          plant: (limits) => withoutEnforcement(limits, planted),
        }),
      );
      return { missing, containers, ...tried };
    } finally {
      await engine.close();
    }
  },

  invariants: {
    applied: {
      "every container that was named is there": ({ evidence: { missing, containers } }) =>
        measureThere(missing, containers.length),
      "their limits were tried in a container of ours": ({ evidence }) => measureTried(evidence),
    },
    held: {
      "each has limits of its memory, its processors and its processes": ({ evidence }) =>
        measureLimited(evidence),
      "each memory limit lies between {minMemory} and {maxMemory}": ({ evidence, options }) =>
        measureSane(evidence, options.minMemory, options.maxMemory),
      "the kernel has each limit as the engine tells it": ({ evidence }) => measureKernel(evidence),
      "a probe is killed when it wants more memory than the limit": ({ evidence }) => measureKilled(evidence),
      "a probe is kept to its quota of processors": ({ evidence }) => measureThrottled(evidence),
      "a probe is refused one more process than the limit": ({ evidence }) => measureRefused(evidence),
    },
    recovered: {
      "no probe is left": ({ evidence }) => measureNoneLeft(evidence),
    },
  },
});

await main(import.meta, scenario);

#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Restarts containers and kills them, one after another: each comes back as it was, in time, and so do those that depend on it. */
import { foundInvariants, measureWellAfter } from "../lib/scenario/container-findings.ts";
import {
  changingOptions,
  containersMissing,
  refuseChanging,
  selectionOf,
} from "../lib/scenario/container-options.ts";
import { WAYS } from "../lib/scenario/container-restarts.ts";
import { main } from "../lib/scenario/main.ts";
import { duration } from "../lib/scenario/number-options.ts";
import { repeatable } from "../lib/scenario/option.ts";
import { namesFor, plant } from "../lib/scenario/planting.ts";
import {
  measureBack,
  measureDependants,
  measureRestarted,
  measureSame,
  measureSpared,
} from "../lib/scenario/restart-findings.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { some, text } from "../lib/scenario/text-options.ts";
import { CONTAINER_FAULTS } from "../targets/containers/faults.ts";

/** A container that stops when it is told to is back within a second or two. */
const USUAL_MS = 2000;
const DEMO_RESTARTED = 3;
const EVERY_MS = 250;
const CRITICAL = "proofload.critical";

export const scenario = defineScenario({
  summary: "Restart containers, and kill them: each comes back as it was, and so do those that depend on it.",
  group: "containers",
  target: { role: "none" },
  options: {
    ...changingOptions(),
    ways: some(WAYS, {
      help: "by the engine, or by SIGKILL of its first process: whoever has a restart policy is started again",
    }),
    critical: repeatable(
      text({ default: "", placeholder: "LABEL", help: `never those that have this label, or ${CRITICAL}` }),
      "none",
    ),
    within: duration({
      default: "90s",
      smoke: "10s",
      help: "how soon each has to be running and healthy again, dependants too",
    }),
    steady: duration({
      default: "5s",
      smoke: "1s",
      help: "who has been well for so long has come back",
    }),
    settle: duration({ default: "30s", smoke: "10s", help: "how long they may take to be well before" }),
    fault: plant(
      namesFor("container-restart", CONTAINER_FAULTS),
      "break a container of the demo on purpose: this scenario finds it",
    ),
  },
  requires: (_, options) => containersMissing(options),
  contradictions: refuseChanging,
  plan: ({ ways, steady, container, demo, critical }) => ({
    durationMs:
      4000 + (demo ? DEMO_RESTARTED : Math.max(1, container.length)) * ways.length * (USUAL_MS + steady),
    steps: [
      `${ways.join(" and ")} each container, one after another, but none labelled ${[CRITICAL, ...critical].join(" or ")}`,
      "wait until it, and those that depend on it, are well again",
    ],
    peak: {},
  }),

  async run(context) {
    const { options, phase, signal, keepRunning } = context;
    const { demo, fault, ways, critical, within, steady, settle } = options;
    const { watchChosen } = await import("../lib/scenario/chosen-containers.ts");
    const { restartEach } = await import("../lib/scenario/container-restarts.ts");
    const { findFreePort } = await import("../lib/target/free-port.ts");
    const { restartedContainers } = await import("../targets/containers/restarted.ts");
    const ports = [await findFreePort(), await findFreePort()] as const;
    const { engine, host, ids, running, missing, watch, close } = await watchChosen(
      context,
      demo ? restartedContainers(fault?.[0] ?? null, ports) : null,
      selectionOf(options),
      { intervalMs: EVERY_MS, maxMemoryShare: 1, settleMs: settle },
    );
    try {
      keepRunning({ host, ids: running });
      await phase("baseline", { lastsMs: 500 });
      const settings = {
        engine,
        watch,
        ids,
        ways,
        withinMs: within,
        steadyMs: steady,
        signal,
        critical: [CRITICAL, ...critical],
      };
      const restarts = await phase("load", { lastsMs: ways.length * ids.length * (USUAL_MS + steady) }, () =>
        restartEach(settings),
      );
      return { missing, restarts, watch: await watch.tell() };
    } finally {
      await close();
    }
  },

  invariants: {
    applied: {
      ...foundInvariants,
      "containers were brought down in every way": ({ evidence, options }) =>
        measureRestarted(evidence.restarts, options.ways),
    },
    held: {
      "each is running and healthy again within {within}": ({ evidence, options }) =>
        measureBack(evidence.restarts, options.within),
      "each has the same ports, mounts and networks again": ({ evidence }) => measureSame(evidence.restarts),
      "those that depend on it are well again within {within}": ({ evidence, options }) =>
        measureDependants(evidence.restarts, options.within),
      "none that is critical is touched": ({ evidence }) => measureSpared(evidence.restarts, evidence.watch),
    },
    recovered: {
      "each is running and healthy": ({ evidence }) => measureWellAfter(evidence),
    },
  },
});

await main(import.meta, scenario);

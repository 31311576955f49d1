#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Watches databases, caches and applications in containers, and takes the databases away for a while: who is reachable, steady, and follows whom. */
import { foundInvariants, measureWellAfter } from "../lib/scenario/container-findings.ts";
import {
  changingOptions,
  containersMissing,
  refuseBothKinds,
  selectionOf,
} from "../lib/scenario/container-options.ts";
import { main } from "../lib/scenario/main.ts";
import { count, duration, share } from "../lib/scenario/number-options.ts";
import { repeatable } from "../lib/scenario/option.ts";
import { namesFor, plant } from "../lib/scenario/planting.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import {
  measureAsked,
  measureBestReached,
  measureFollowing,
  measureIsolation,
  measureOutages,
  measureReached,
  measureSteady,
  measureUnwell,
} from "../lib/scenario/service-findings.ts";
import { CATEGORIES, CATEGORY_LABEL, type Category } from "../lib/scenario/service-kinds.ts";
import type { Outage } from "../lib/scenario/service-outages.ts";
import { text } from "../lib/scenario/text-options.ts";
import { CONTAINER_FAULTS } from "../targets/containers/faults.ts";

/** What a stop and a start take. */
const USUAL_MS = 1000;

export const scenario = defineScenario({
  summary:
    "Watch services by category, and take databases away: reachable, steady, and applications follow them.",
  group: "containers",
  target: { role: "none" },
  options: {
    ...changingOptions(),
    category: repeatable(
      text({
        default: "",
        placeholder: "NAME=CATEGORY",
        help: `what a container is: ${CATEGORIES.join(", ")}; else its label ${CATEGORY_LABEL} says so, or its image`,
        accepts: (written) =>
          readCategory(written).length > 0 ? null : `NAME=CATEGORY, one of ${CATEGORIES.join(", ")}`,
      }),
      "none",
    ),
    hold: duration({
      default: "30s",
      smoke: "5s",
      help: "how long they are watched and nobody is disturbed",
    }),
    outages: count({
      default: "3",
      smoke: "3",
      max: "100",
      help: "so often each database that somebody needs is taken away, where that is allowed",
    }),
    outage: duration({
      default: "10s",
      smoke: "3s",
      help: "for how long, and so long it is there in between",
    }),
    every: duration({ default: "250ms", min: "50ms", help: "how often each is asked" }),
    within: duration({
      default: "90s",
      smoke: "5s",
      help: "how long an application may be unwell with its databases well",
    }),
    settle: duration({
      default: "30s",
      smoke: "10s",
      help: "how long they may take to be well, before and after",
    }),
    minReach: share({ default: "60%", help: "least share of the time that each is reachable" }),
    minBest: share({ default: "80%", help: "least share of the time that one of them is reachable" }),
    minStable: share({ default: "85%", help: "least share of the time that each category is well" }),
    fault: plant(
      namesFor("service-dependencies", CONTAINER_FAULTS),
      "break a service of the demo on purpose: this scenario finds it",
    ),
  },
  requires: (_, options) => containersMissing(options),
  contradictions: refuseBothKinds,
  plan: ({ hold, outages, outage, demo, allowRestart }) => ({
    durationMs: 5000 + hold + (demo || allowRestart ? outages * (2 * outage + USUAL_MS) : 0),
    steps: [
      "ask each service's ports, and look at its health, again and again",
      demo || allowRestart
        ? `stop each database that somebody needs ${outages} times, and start it again`
        : "stop nobody: --allow-restart",
    ],
    peak: {},
  }),

  async run(context) {
    const { options, phase, signal, keepRunning } = context;
    const { demo, fault, hold, outage, every, within, settle } = options;
    const { watchChosen } = await import("../lib/scenario/chosen-containers.ts");
    const { findFreePort } = await import("../lib/target/free-port.ts");
    const { serviceContainers } = await import("../targets/containers/services.ts");
    const { inspectAll } = await import("../lib/engine/inspected.ts");
    const { lookUntil } = await import("../lib/scenario/abortable.ts");
    const { findServices } = await import("../lib/scenario/service-kinds.ts");
    const { watchServices } = await import("../lib/scenario/service-watch.ts");
    const { takeAway } = await import("../lib/scenario/service-outages.ts");
    const { readIsolation } = await import("../lib/scenario/network-isolation.ts");
    const { countLooks, findUnwell, follow } = await import("../lib/scenario/service-record.ts");
    const ports = [await findFreePort(), await findFreePort(), await findFreePort()] as const;
    const { engine, host, ids, running, missing, watch, close } = await watchChosen(
      context,
      demo ? serviceContainers(fault?.[0] ?? null, ports) : null,
      selectionOf(options),
      { intervalMs: every, maxMemoryShare: 1, settleMs: settle },
    );
    try {
      const inspected = await inspectAll(engine, ids);
      const services = findServices(inspected, Object.fromEntries(options.category.flatMap(readCategory)));
      const isolation = readIsolation(inspected);
      const asking = watchServices(services, watch, every);
      try {
        await phase("hold", { lastsMs: hold });
        const heldMs = performance.now();
        const needed = services.filter(
          ({ name, category }) =>
            category === "databases" && services.some(({ needs }) => needs.includes(name)),
        );
        const outages: Outage[] = [];
        if (demo || options.allowRestart) {
          keepRunning({ host, ids: running });
          const settings = { engine, watch, lastsMs: outage, withinMs: within, signal };
          for (let turn = 1; turn <= options.outages; turn++)
            for (const database of signal.aborted ? [] : needed)
              outages.push(
                await phase("load", { label: `${turn}`, lastsMs: 2 * outage + USUAL_MS }, () =>
                  takeAway(database, settings),
                ),
              );
        }
        await phase("recovery", { lastsMs: settle }, () => lookUntil(watch.allWell, settle));
        const { series } = asking;
        return {
          ...{ missing, outages, isolation, watch: await watch.tell() },
          services: services.flatMap((one) => {
            const own = series.get(one.name);
            return own ? [countLooks(one, own, heldMs)] : [];
          }),
          following: services.flatMap(({ name, needs }) =>
            needed
              .filter((one) => needs.includes(one.name))
              .flatMap((one) => follow(name, one.name, series, { everyMs: every, mostLagMs: outage }) ?? []),
          ),
          unwell: services.flatMap((one) => findUnwell(one, series) ?? []),
        };
      } finally {
        asking.close();
      }
    } finally {
      await close();
    }
  },

  invariants: {
    applied: {
      ...foundInvariants,
      "services were asked on their ports": ({ evidence }) => measureAsked(evidence),
      "databases were taken away, {outages} times": ({ evidence, options }) =>
        measureOutages(evidence, options.outages, options.demo || options.allowRestart),
    },
    held: {
      "each service is reachable on its ports {minReach} of the time": ({ evidence, options }) =>
        measureReached(evidence, options.minReach),
      "at least one is reachable {minBest} of the time": ({ evidence, options }) =>
        measureBestReached(evidence, options.minBest),
      "each category is well {minStable} of the time": ({ evidence, options }) =>
        measureSteady(evidence, options.minStable),
      "an application's health follows its databases'": ({ evidence }) => measureFollowing(evidence),
      "no application is unwell for more than {within} while its databases are well": ({
        evidence,
        options,
      }) => measureUnwell(evidence, options.within),
      "networks are as isolated as declared": ({ evidence }) => measureIsolation(evidence),
    },
    recovered: {
      "each is running and healthy": ({ evidence }) => measureWellAfter(evidence),
    },
  },
});

function readCategory(written: string): [name: string, category: Category][] {
  const at = written.lastIndexOf("=");
  const category = CATEGORIES.find((one) => one === written.slice(at + 1));
  return at > 0 && category ? [[written.slice(0, at), category]] : [];
}

await main(import.meta, scenario);

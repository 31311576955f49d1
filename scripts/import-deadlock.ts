#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Imports modules that import each other and take locks, by several threads at once: nobody waits for ever. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../lib/scenario/main.ts";
import { atMost, none } from "../lib/scenario/measure.ts";
import { count, duration } from "../lib/scenario/number-options.ts";
import { namesFor, plant } from "../lib/scenario/planting.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { some } from "../lib/scenario/text-options.ts";
import type { Locked } from "../lib/source/deadlocks.ts";
import { LOCKING_CASES } from "../lib/source/locking-modules.ts";
import { PROJECT_FAULTS } from "../targets/projects/faults.ts";

const NAMES = {
  threads: "CommonJS by threads that take locks",
  awaits: "ES modules that wait at their top",
  python: "Python by threads that take locks",
} as const;
const PER_ROUND_MS = 300;

export const scenario = defineScenario({
  summary:
    "Import modules in circles by several threads at once, with locks and with await: nobody waits for ever.",
  group: "imports",
  target: { role: "none" },
  options: {
    cases: some(LOCKING_CASES, {
      help: "threads that load CommonJS and take locks, ES modules that await, Python's threads",
    }),
    threads: count({ default: "4", min: "2", max: "64", help: "how many import at once" }),
    rounds: count({
      default: "10",
      smoke: "3",
      min: "1",
      help: "how often each case is tried, each time in a fresh process",
    }),
    patience: duration({
      default: "5s",
      smoke: "2s",
      min: "500ms",
      help: "how long nobody has to get on before it is a deadlock",
    }),
    within: duration({ default: "90s", help: "how long importing may take" }),
    fault: plant(
      namesFor("import-deadlock", PROJECT_FAULTS),
      "plant a real deadlock: this scenario finds it",
    ),
  },
  plan: ({ cases, rounds }) => ({
    durationMs: 1000 + cases.length * rounds * PER_ROUND_MS,
    steps: [`start ${cases.length * rounds} processes, one after another, whose threads import at once`],
    peak: { processes: 1, memoryBytes: 256 * 1024 * 1024 },
  }),

  async run({ options, phase, signal, temporaryFolder, markProcesses }) {
    const { cases, threads, rounds, patience: patienceMs, within: withinMs, fault } = options;
    const { tryLocking } = await import("../lib/source/deadlocks.ts");
    await phase("baseline", { lastsMs: 500 });
    const tried: Locked[] = [];
    for (const of of cases) {
      const folder = join(temporaryFolder(tmpdir()), of);
      const planted = fault?.some((name) => name === `${of}-deadlock`) ?? false;
      const order = {
        of,
        folder,
        threads,
        rounds,
        patienceMs,
        withinMs,
        planted,
        mark: markProcesses(),
        signal,
      };
      tried.push(await phase("load", { label: of, lastsMs: rounds * PER_ROUND_MS }, () => tryLocking(order)));
    }
    return { tried };
  },

  invariants: {
    applied: {
      "each case was tried {rounds} times, or until somebody waited": ({ evidence, options }) => {
        const there = evidence.tried.filter(({ missing }) => missing === null);
        const short = there.filter(({ rounds, waits }) => rounds < options.rounds && waits.length === 0);
        return none(
          short.map(({ of, rounds, wrong }) => `${NAMES[of]}: ${rounds} times: ${wrong}`),
          there.length,
          "cases",
        );
      },
    },
    held: {
      "nobody waits for somebody who waits for him": ({ evidence: { tried } }) => {
        const waiting = tried.flatMap(({ of, waits }) => waits.map((wait) => `${NAMES[of]}: ${wait}`));
        const missing = tried.flatMap(({ of, missing: why }) =>
          why ? [`${NAMES[of]}: not tried: ${why}`] : [],
        );
        const measure = atMost(waiting.length, 0, "count", [...waiting, ...missing]);
        return tried.some(({ missing: why }) => why === null)
          ? measure
          : none([], 0, "cases that can be tried here");
      },
      "all is imported within {within}": ({ evidence: { tried }, options }) =>
        atMost(Math.max(0, ...tried.map(({ longestMs }) => longestMs)), options.within, "ms"),
    },
    recovered: {},
  },
});

await main(import.meta, scenario);

#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Imports modules with and without circles among them, in fresh processes: what a circle costs. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measureRatio } from "../lib/scenario/import-ratio.ts";
import { main } from "../lib/scenario/main.ts";
import { type Measure, none, skipped, worst } from "../lib/scenario/measure.ts";
import { count, duration } from "../lib/scenario/number-options.ts";
import { namesFor, plant } from "../lib/scenario/planting.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { some } from "../lib/scenario/text-options.ts";
import { MODULE_SYSTEMS } from "../lib/source/import-rings.ts";
import type { Timed } from "../lib/source/timed-imports.ts";
import { PROJECT_FAULTS } from "../targets/projects/faults.ts";

const FULL_NAMES = { esm: "ES modules", cjs: "CommonJS", python: "Python" } as const;
/** Starting a runtime, and importing. */
const PER_START_MS = 250;

export const scenario = defineScenario({
  summary: "Import modules with and without circles among them, in fresh processes: what the circle costs.",
  group: "imports",
  target: { role: "none" },
  options: {
    systems: some(MODULE_SYSTEMS, { help: "what the modules are written for" }),
    modules: count({ default: "100", smoke: "40", min: "10", help: "how many modules import each other" }),
    pairs: count({
      default: "15",
      smoke: "3",
      min: "3",
      help: "how often each is imported, with circles and without in turn",
    }),
    maxRatio: count({ default: "5", min: "1", help: "so many times as long is too long" }),
    within: duration({ default: "30s", smoke: "30s", help: "how long one import may take" }),
    fault: plant(
      namesFor("import-cost", PROJECT_FAULTS),
      "plant it in the modules with circles: this scenario finds it",
    ),
  },
  plan: ({ systems, pairs }) => ({
    durationMs: 1000 + 2 * (pairs + 1) * systems.length * PER_START_MS,
    steps: [
      `start ${2 * (pairs + 1) * systems.length} processes, one after another, each of which imports all modules`,
    ],
    peak: { processes: 1, memoryBytes: 128 * 1024 * 1024 },
  }),

  async run({ options, phase, signal, temporaryFolder, markProcesses }) {
    const { systems, modules, pairs, within, fault } = options;
    const { timeImports } = await import("../lib/source/timed-imports.ts");
    await phase("baseline", { lastsMs: 500 });
    const timed: Timed[] = [];
    for (const system of systems) {
      const folder = join(temporaryFolder(tmpdir()), system);
      const planted = fault?.some((name) => name === `slow-${system}-circle`) ?? false;
      const order = {
        system,
        folder,
        modules,
        pairs,
        withinMs: within,
        planted,
        mark: markProcesses(),
        signal,
      };
      timed.push(
        await phase("load", { label: system, lastsMs: 2 * (pairs + 1) * PER_START_MS }, () =>
          timeImports(order),
        ),
      );
    }
    return { timed };
  },

  invariants: {
    applied: {
      "all modules were imported {pairs} times, with circles and without": ({ evidence, options }) => {
        const there = evidence.timed.filter(({ missing }) => missing === null);
        const short = there.filter(({ pairs }) => pairs.length < options.pairs);
        return none(
          short.map(({ system, wrong }) => `${system}: ${wrong ?? "ended before"}`),
          there.length,
          "systems",
        );
      },
    },
    held: {
      "with circles importing takes less than {maxRatio} times as long": ({ evidence, options }) =>
        worst(evidence.timed.map((one) => [FULL_NAMES[one.system], judgeRatio(one, options.maxRatio)])),
    },
    recovered: {},
  },
});

function judgeRatio(timed: Timed, maxRatio: number): Measure {
  return timed.missing === null ? measureRatio(timed, maxRatio) : skipped(timed.missing);
}

await main(import.meta, scenario);

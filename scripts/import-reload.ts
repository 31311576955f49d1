#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Loads circular modules and drops them, round by round: nothing of them stays. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { showPath } from "../lib/report/shown-path.ts";
import { largestStep, measureCreep, totalGrowth } from "../lib/scenario/import-memory.ts";
import { main } from "../lib/scenario/main.ts";
import { below, type Measure, none, worst } from "../lib/scenario/measure.ts";
import { modulesOption } from "../lib/scenario/module-option.ts";
import { bytes, count, duration } from "../lib/scenario/number-options.ts";
import { namesFor, plant } from "../lib/scenario/planting.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { some } from "../lib/scenario/text-options.ts";
import { moduleSystemOf } from "../lib/source/module-system.ts";
import { RELOADABLE, type Reloadable, type Reloaded } from "../lib/source/reloads.ts";
import { PROJECT_FAULTS } from "../targets/projects/faults.ts";

const NAMES = { cjs: "CommonJS, out of its cache", esm: "ES modules, with their threads" } as const;
/** A thread has to start, and twice as long is taken for a collection. */
const PER_LOAD_MS = 70;

export const scenario = defineScenario({
  summary:
    "Load modules that import each other, made up or your own, and drop them again, round by round: nothing of them stays.",
  group: "imports",
  target: { role: "none" },
  options: {
    module: modulesOption(
      "a module of yours, loaded with whatever it imports, and so run; packages in node_modules stay loaded",
    ),
    systems: some(RELOADABLE, {
      help: "CommonJS out of its cache, or ES modules with the thread that has them",
    }),
    modules: count({ default: "50", smoke: "20", min: "10", help: "how many modules import each other" }),
    rounds: count({ default: "20", smoke: "20", min: "3", help: "how many rounds there are" }),
    loads: count({
      default: "10",
      smoke: "8",
      min: "1",
      help: "how often all are loaded and dropped in a round",
    }),
    maxGrowth: bytes({ default: "5MB", help: "how much may stay after all rounds" }),
    maxRound: bytes({ default: "1MB", help: "how much may stay of a single round" }),
    within: duration({ default: "5m", help: "how long all rounds may take" }),
    fault: plant(
      namesFor("import-reload", PROJECT_FAULTS),
      "keep something of each load: this scenario finds it",
    ),
  },
  requires: ({ runtime }) =>
    runtime.name === "node"
      ? null
      : "needs Node: no other runtime tells what lives after a forced collection",
  contradictions: ({ module, fault }, _host, given) => {
    if (module.length === 0) return [];
    const ofMadeUp = (["systems", "modules"] as const).filter((key) => given.has(key));
    return [
      ...ofMadeUp.map(
        (key) =>
          `Cannot take --${key} with --module: expected one of them, as a module of yours is not made up`,
      ),
      ...(fault === null
        ? []
        : ["Cannot plant anything in a module that is not ours: expected no --fault with --module"]),
    ];
  },
  plan: ({ rounds, loads, ...of }) => ({
    durationMs: 1000 + subjectsOf(of).length * (500 + rounds * loads * PER_LOAD_MS),
    steps: subjectsOf(of).map(({ label, module }) => {
      const what = module === null ? `made-up modules (${label})` : label;
      return `load and drop ${what} ${rounds * loads} times, in a process of its own`;
    }),
    peak: { processes: 1, memoryBytes: 256 * 1024 * 1024 },
  }),

  async run({ options, phase, signal, temporaryFolder, markProcesses }) {
    const { modules, rounds, loads, within: withinMs, fault } = options;
    const { makeReloadable, reloadModules } = await import("../lib/source/reloads.ts");
    await phase("baseline", { lastsMs: 500 });
    const reloaded: Reloaded[] = [];
    for (const { label, system, module } of subjectsOf(options)) {
      const folder = join(temporaryFolder(tmpdir()), system);
      const path = module ?? (await makeReloadable(system, { folder, modules, signal }));
      const planted = fault?.some((name) => name === `${system}-kept`) ?? false;
      const order = { system, path, rounds, loads, withinMs, planted, mark: markProcesses(), signal };
      const settings = { label, lastsMs: rounds * loads * PER_LOAD_MS };
      reloaded.push({ ...(await phase("load", settings, () => reloadModules(order))), module });
    }
    return { reloaded };
  },

  invariants: {
    applied: {
      "all modules were loaded and dropped, in {rounds} rounds": ({ evidence, options }) => {
        const due = options.rounds * options.loads;
        const short = evidence.reloaded.filter(({ readings }) => readings.length < due);
        const told = short.map(
          (one) => `${nameOf(one)}: ${one.readings.length} of ${due} times: ${one.wrong}`,
        );
        return none(told, evidence.reloaded.length, "kinds of modules");
      },
    },
    held: {
      "memory grows by less than {maxGrowth} in all": ({ evidence, options }) =>
        each(evidence.reloaded, (one) => below(totalGrowth(one.readings), options.maxGrowth, "bytes")),
      "no round leaves {maxRound} behind": ({ evidence, options }) =>
        each(evidence.reloaded, (one) => below(largestStep(one.readings), options.maxRound, "bytes")),
      "what stays of a load does not creep": ({ evidence }) =>
        each(evidence.reloaded, (one) => measureCreep(nameOf(one), one.readings)),
    },
    recovered: {},
  },
});

interface Subject {
  readonly label: string;
  readonly system: Reloadable;
  readonly module: string | null;
}

/** What is loaded, one after another. */
function subjectsOf(of: {
  readonly module: readonly string[];
  readonly systems: readonly Reloadable[];
}): Subject[] {
  if (of.module.length === 0) return of.systems.map((system) => ({ label: system, system, module: null }));
  return of.module.map((module) => ({ label: showPath(module), system: moduleSystemOf(module), module }));
}

function nameOf({ system, module }: Pick<Reloaded, "system" | "module">): string {
  return module ? showPath(module) : NAMES[system];
}

function each(reloaded: readonly Reloaded[], judge: (one: Reloaded) => Measure): Measure {
  return worst(reloaded.map((one) => [nameOf(one), judge(one)]));
}

await main(import.meta, scenario);

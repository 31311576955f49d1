#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Reads who imports whom in a JavaScript, TypeScript or Python project: every circle, and what to cut. */
import { tmpdir } from "node:os";
import { pictureCycles } from "../lib/scenario/import-picture.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, below, none, skipped } from "../lib/scenario/measure.ts";
import { count, duration } from "../lib/scenario/number-options.ts";
import { repeatable } from "../lib/scenario/option.ts";
import { namesFor, plant } from "../lib/scenario/planting.ts";
import { projectOption } from "../lib/scenario/project-option.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { flag, some, text } from "../lib/scenario/text-options.ts";
import { tellCut, tellCycle } from "../lib/source/cycle-text.ts";
import { acceptedBy, newCycles } from "../lib/source/known-cycles.ts";
import type { KnownCut, KnownCycle } from "../lib/source/survey.ts";
import { PROJECT_BEHAVIOURS, PROJECT_FAULTS } from "../targets/projects/faults.ts";
import type surveyImports from "../workers/survey-imports.ts";

const SAMPLED_MS = 500;

export const scenario = defineScenario({
  summary: "Read who imports whom in a project: every circle, as a path with lines, and which import to cut.",
  group: "imports",
  target: { role: "none" },
  options: {
    project: projectOption("JavaScript, TypeScript or Python; nothing in it is run or changed"),
    exclude: repeatable(
      text({ default: "", placeholder: "PATH", help: "what in the project is not its own code" }),
      "nothing",
    ),
    follow: some(["load", "deferred", "type"], {
      default: ["load", "deferred"],
      help: "which imports make a circle: carried out while loading, only later (in a function, by import()), or of types alone",
    }),
    maxCycles: count({ default: "20", min: "1", help: "so many circles are too many" }),
    maxLength: count({ default: "5", min: "2", help: "the most modules in one circle" }),
    within: duration({ default: "30s", help: "how long reading all of it may take" }),
    corpus: flag({ help: "read a project that is made up for this run, not --project" }),
    modules: count({ default: "500", smoke: "50", min: "10", help: "how many a made-up project has" }),
    fault: plant(
      namesFor("import-cycles", PROJECT_FAULTS),
      "plant it in the made-up project: this scenario finds it",
    ),
    behave: plant(
      namesFor("import-cycles", PROJECT_BEHAVIOURS),
      "plant in the made-up project what looks like a circle and is none",
    ),
  },
  contradictions: ({ fault, behave, corpus }) =>
    (fault || behave) && !corpus
      ? ["Cannot plant anything in a project of yours: expected --corpus with --fault and --behave"]
      : [],
  plan: ({ project, corpus, modules }) => ({
    durationMs: 2 * SAMPLED_MS + 2000,
    steps: [
      corpus ? `make up a project of ${modules} modules, and remove it afterwards` : `read ${project}`,
      "parse every source file on worker threads, and follow its imports",
    ],
    peak: { memoryBytes: 512 * 1024 * 1024 },
  }),

  async run({ options, phase, seed, signal, temporaryFolder }) {
    const { project, corpus, modules, fault, behave, exclude, follow } = options;
    const { runOnThreads } = await import("../lib/source/threads.ts");
    await phase("baseline", { lastsMs: SAMPLED_MS });
    const wish = {
      ...{ project: corpus ? temporaryFolder(tmpdir()) : project, exclude, follow },
      corpus: corpus ? { modules, seed, planted: [...(fault ?? []), ...(behave ?? [])] } : null,
    };
    const [survey] = await phase("load", { lastsMs: options.within }, () =>
      runOnThreads<typeof surveyImports>("survey-imports", [wish], { threads: 1, signal }),
    );
    if (!survey) throw new Error("Cannot survey imports: expected one answer, got none");
    return survey;
  },
  picture: pictureCycles,

  invariants: {
    applied: {
      "the project has source files": ({ evidence: { modules, passedOver } }) =>
        atLeast(
          modules,
          1,
          "count",
          Object.entries(passedOver).map(([what, times]) => `passed over: ${what}, ${times}`),
        ),
    },
    held: {
      "every source file could be read and parsed": ({ evidence: { unread, modules, missing } }) => {
        const measure = none(unread, modules + unread.length, "files and folders");
        return "evidence" in measure
          ? {
              ...measure,
              evidence: [...measure.evidence, ...missing.slice(0, 5).map((line) => `leads nowhere: ${line}`)],
            }
          : measure;
      },
      "there are fewer than {maxCycles} cycles": ({ evidence, options, before }) => {
        const cycles = newCycles(evidence.cycles, before);
        return below(cycles.length, options.maxCycles, "count", [
          ...acceptedBy(evidence.cycles, cycles),
          ...tellFirst(cycles),
          ...evidence.cuts.slice(0, 5).map((cut, index) => tellWhereToCut(cut, index, evidence.cycles)),
        ]);
      },
      "no cycle is longer than {maxLength} modules": ({ evidence, options, before }) => {
        const cycles = newCycles(evidence.cycles, before);
        const longest = Math.max(0, ...cycles.map(({ steps }) => steps.length));
        const long = cycles.filter(({ steps }) => steps.length > options.maxLength);
        return atMost(longest, options.maxLength, "count", tellFirst(long.toReversed()));
      },
      "no cycle is new since the baseline": ({ evidence, before }) => {
        if (before === null) return skipped("no --baseline was named");
        const cycles = newCycles(evidence.cycles, before);
        return none(cycles.map(tellCycle), Math.max(1, evidence.cycles.length), "cycles");
      },
      "the project is read within {within}": ({ evidence, options }) =>
        atMost(evidence.tookMs, options.within, "ms", [
          `${evidence.modules} modules, ${evidence.imports} imports among them, ${evidence.typeImports} of types alone; by ${evidence.threads} threads`,
        ]),
    },
    recovered: {},
  },
});

const MOST_TOLD = 10;

function tellFirst(cycles: readonly KnownCycle[]): string[] {
  const told = cycles.slice(0, MOST_TOLD).map(tellCycle);
  return cycles.length > MOST_TOLD
    ? [...told, `and ${cycles.length - MOST_TOLD} more: report.json has them`]
    : told;
}

function tellWhereToCut(cut: KnownCut, index: number, cycles: readonly KnownCycle[]): string {
  return `${index === 0 ? "cut first" : "then"}: ${tellCut(cut)} of ${cycles.length} cycles`;
}

await main(import.meta, scenario);

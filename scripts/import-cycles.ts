#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Reads who imports whom in a JavaScript, TypeScript or Python project: every circle, and what to cut. */
import { tmpdir } from "node:os";
import { unlessAborted } from "../lib/scenario/abortable.ts";
import {
  ofSurvey,
  tellCycles,
  tellFirst,
  tellPassedOver,
  tellSize,
} from "../lib/scenario/import-findings.ts";
import { importOptions } from "../lib/scenario/import-options.ts";
import { pictureCycles } from "../lib/scenario/import-picture.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, below, none, skipped } from "../lib/scenario/measure.ts";
import { count, duration } from "../lib/scenario/number-options.ts";
import { namesFor, plant } from "../lib/scenario/planting.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { flag } from "../lib/scenario/text-options.ts";
import { tellCycle } from "../lib/source/cycle-text.ts";
import { newCycles } from "../lib/source/known-cycles.ts";
import { PROJECT_BEHAVIOURS, PROJECT_FAULTS } from "../targets/projects/faults.ts";
import type surveyImports from "../workers/survey-imports.ts";

const SAMPLED_MS = 500;

export const scenario = defineScenario({
  summary: "Read who imports whom in a project: every circle, as a path with lines, and which import to cut.",
  group: "imports",
  target: { role: "none" },
  options: {
    ...importOptions,
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
      unlessAborted(runOnThreads<typeof surveyImports>("survey-imports", [wish], { threads: 1, signal }), []),
    );
    return survey ?? null;
  },
  picture: (survey) => survey && pictureCycles(survey),

  invariants: {
    applied: {
      "the project has source files": ofSurvey(({ modules, passedOver }) =>
        atLeast(modules, 1, "count", tellPassedOver(passedOver)),
      ),
    },
    held: {
      "every source file could be read and parsed": ofSurvey(({ unread, modules }) =>
        none(unread, modules + unread.length, "files and folders"),
      ),
      "there are fewer than {maxCycles} cycles": ofSurvey((survey, { options, before }) =>
        below(newCycles(survey, before).length, options.maxCycles, "count", tellCycles(survey, before)),
      ),
      "no cycle is longer than {maxLength} modules": ofSurvey((survey, { options, before }) => {
        const longestFirst = newCycles(survey, before).toReversed();
        const long = longestFirst.filter(({ steps }) => steps.length > options.maxLength);
        return atMost(longestFirst[0]?.steps.length ?? 0, options.maxLength, "count", tellFirst(long));
      }),
      "no cycle is new since the baseline": ofSurvey((survey, { before }) => {
        if (before === null) return skipped("no --baseline was named");
        const cycles = newCycles(survey, before).map(tellCycle);
        return atMost(cycles.length, 0, "count", cycles);
      }),
      "the project is read within {within}": ofSurvey((survey, { options }) =>
        atMost(survey.tookMs, options.within, "ms", tellSize(survey)),
      ),
    },
    recovered: {},
  },
});

await main(import.meta, scenario);

#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Lets several collectors list the same tests at once: all succeed, all list the same, and together they are no slower. */
import { tmpdir } from "node:os";
import { collectorOptions, refuseForeignFault } from "../lib/scenario/collector-options.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, below, none } from "../lib/scenario/measure.ts";
import { count, duration, share } from "../lib/scenario/number-options.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import type { Collected } from "../lib/source/collect.ts";
import type { Paralleled } from "../lib/source/parallel-collection.ts";
import { PROJECT_FAULTS } from "../targets/projects/faults.ts";

/** Of the slowest collector that was tried. */
const PER_FILE_MS = 10;
/** Together they wait for each other's turns on the processors: that much longer than one after another says nothing. */
const TOLERANCE = 1.25;

export const scenario = defineScenario({
  summary:
    "Let several collectors list the same tests at once: all succeed, list the same, and are no slower.",
  group: "imports",
  target: { role: "none" },
  options: {
    ...collectorOptions("collection-parallel", PROJECT_FAULTS),
    files: count({ default: "200", smoke: "60", min: "10", help: "so many files of ten tests each" }),
    atOnce: count({ default: "4", min: "2", max: "64", help: "how many collectors" }),
    minSuccess: share({ default: "50%", help: "of them that have to succeed for the run to mean anything" }),
    within: duration({ default: "150s", help: "how long all of them may take together" }),
  },
  contradictions: refuseForeignFault,
  plan: ({ files, atOnce }) => ({
    durationMs: 2000 + (2 * atOnce + 1) * (300 + (files * PER_FILE_MS) / 4),
    steps: [
      `write ${files} test files, and have them listed ${atOnce} times one after another and ${atOnce} times at once`,
    ],
    peak: { processes: atOnce, memoryBytes: atOnce * 200_000_000 },
  }),

  async run({ options, phase, signal, temporaryFolder, markProcesses }) {
    const { collectInParallel } = await import("../lib/source/parallel-collection.ts");
    await phase("baseline", { lastsMs: 500 });
    const order = { ...options, fault: options.fault?.[0] ?? null, mark: markProcesses(), signal };
    return phase("load", { lastsMs: options.within }, () =>
      collectInParallel(order, () => temporaryFolder(tmpdir())),
    );
  },

  invariants: {
    applied: {
      "{atOnce} collectors listed tests at once, and one after another": ({ evidence, options }) => {
        const { missing, alone, together, collector } = evidence;
        if (missing !== null) return { outcome: "unknown", reason: `${collector}: ${missing}` };
        return atLeast(Math.min(alone.length, together.length), options.atOnce, "count");
      },
      "at least {minSuccess} of them succeed": ({ evidence: { together }, options }) => {
        const shareOf = together.length === 0 ? null : together.filter(succeeds).length / together.length;
        return atLeast(shareOf, options.minSuccess, "share");
      },
    },
    held: {
      "all succeed": ({ evidence: { together } }) =>
        none(together.filter((one) => !succeeds(one)).map(tellEnd), together.length, "collectors"),
      "each lists the same, and all there is": ({ evidence: { together, expected, alone } }) => {
        const [first] = alone;
        const there = together.filter(succeeds);
        const wrong = there.filter(({ names, digest }) => names !== expected || digest !== first?.digest);
        return none(
          wrong.map(({ names }) => `${names}, ${expected} are there`),
          there.length,
          "lists",
        );
      },
      "all are through within {within}": ({ evidence, options }) =>
        below(isWhole(evidence, options) ? evidence.togetherMs : null, options.within, "ms"),
      "at once they are no slower than one after another": ({ evidence, options }) => {
        const { aloneMs, togetherMs } = evidence;
        return below(isWhole(evidence, options) ? togetherMs : null, aloneMs * TOLERANCE, "ms", [
          `one after another ${Math.round(aloneMs)} ms`,
        ]);
      },
    },
    recovered: {
      "no process of them is left": ({ evidence: { together, alone } }) => {
        const all = [...together, ...alone];
        return none(
          all.flatMap(({ left }) => left),
          Math.max(all.length, all.flatMap(({ left }) => left).length),
          "collectors",
        );
      },
    },
  },
});

/** Where some were cut short, the time of the others says nothing. */
function isWhole({ alone, together }: Paralleled, { atOnce }: { readonly atOnce: number }): boolean {
  return Math.min(alone.length, together.length) >= atOnce;
}

function succeeds({ ended, errors, exitCode }: Collected): boolean {
  return ended === "by itself" && errors.length === 0 && exitCode === 0;
}

function tellEnd({ ended, exitCode, errors }: Collected): string {
  return [`ended ${ended}, exit code ${exitCode}`, ...errors].join(": ");
}

await main(import.meta, scenario);

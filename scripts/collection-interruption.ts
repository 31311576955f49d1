#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Interrupts a collector in its midst: it ends, leaves nothing, and the next list is complete. */
import { tmpdir } from "node:os";
import { collectorOptions, refuseForeignFault } from "../lib/scenario/collector-options.ts";
import { main } from "../lib/scenario/main.ts";
import { atMost, none, so, unknown } from "../lib/scenario/measure.ts";
import { count, duration } from "../lib/scenario/number-options.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { PROJECT_FAULTS } from "../targets/projects/faults.ts";

/** Of the slowest collector that was tried, three times over. */
const PER_FILE_MS = 30;
/** Of the whole: one that had so little left to do may have been through when the signal came. */
const AT_ITS_END = 0.1;

export const scenario = defineScenario({
  summary:
    "Interrupt a collector in its midst: it ends, leaves nothing behind, and the next list is complete.",
  group: "imports",
  target: { role: "none" },
  options: {
    ...collectorOptions("collection-interruption", PROJECT_FAULTS),
    files: count({ default: "1000", smoke: "400", min: "20", help: "so many files of ten tests each" }),
    after: duration({
      default: "5s",
      help: "when SIGINT comes; in the midst of a collection that takes less",
    }),
    endsWithin: duration({ default: "5s", help: "how long it may take to end" }),
    within: duration({ default: "60s", help: "how long a collection may take that nobody disturbs" }),
  },
  contradictions: refuseForeignFault,
  plan: ({ files, after }) => ({
    durationMs: 3000 + Math.min(after, files * PER_FILE_MS) + files * PER_FILE_MS,
    steps: [`write ${files} test files, have them listed, interrupt that once, and have them listed again`],
    peak: { processes: 2, memoryBytes: 300_000_000 },
  }),

  async run({ options, phase, signal, temporaryFolder, markProcesses }) {
    const { interruptCollection } = await import("../lib/source/interrupted-collection.ts");
    await phase("baseline", { lastsMs: 500 });
    const { endsWithin: grace, fault } = options;
    const order = { ...options, grace, fault: fault?.[0] ?? null, mark: markProcesses(), signal };
    return phase("load", { lastsMs: options.within }, () =>
      interruptCollection(order, temporaryFolder(tmpdir())),
    );
  },

  invariants: {
    applied: {
      "it was interrupted while it listed tests": ({
        evidence: { missing, collector, interruptedAfterMs },
      }) => {
        if (missing !== null) return unknown(`${collector}: ${missing}`);
        const told =
          interruptedAfterMs === null ? "it had ended before" : `after ${Math.round(interruptedAfterMs)} ms`;
        return so(interruptedAfterMs !== null, told, "in its midst");
      },
      "nobody disturbed the first list": ({ evidence: { undisturbed, expected } }) =>
        undisturbed === null
          ? unknown("there is none")
          : so(
              undisturbed.names === expected,
              `${undisturbed.names} of ${expected}`,
              "all",
              undisturbed.errors,
            ),
    },
    held: {
      "SIGINT ends it within {endsWithin}": ({ evidence, options }) => {
        const { endedWithinMs, interruptedAfterMs, wentOn, undisturbed } = evidence;
        if (interruptedAfterMs === null) return unknown("it was not interrupted");
        if (endedWithinMs === null) return so(false, "it did not end", "an end");
        if (!wentOn) return atMost(endedWithinMs, options.endsWithin, "ms");
        return endedWithinMs > AT_ITS_END * (undisturbed?.tookMs ?? 0)
          ? so(false, "it went on to its own end", "an end by the signal")
          : unknown("it ended as the signal came");
      },
    },
    recovered: {
      "no process of it is left": ({ evidence: { left, interruptedAfterMs } }) =>
        none(left, interruptedAfterMs === null ? 0 : Math.max(1, left.length), "processes"),
      "no lock is left": ({ evidence: { locks, interruptedAfterMs } }) =>
        none(locks, interruptedAfterMs === null ? 0 : Math.max(1, locks.length), "locks"),
      "the next list is complete, and the same": ({ evidence: { undisturbed, afterwards } }) => {
        if (undisturbed === null || afterwards === null) return unknown("there is none to compare");
        const same = undisturbed.digest === afterwards.digest;
        return so(
          same,
          `${afterwards.names} names, ${same ? "the same" : "others"}`,
          `the same ${undisturbed.names}`,
          afterwards.errors,
        );
      },
    },
  },
});

await main(import.meta, scenario);

#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Has a collector list more and more tests: exactly all of them, in time, in bounds, and never more than in step. */
import { tmpdir } from "node:os";
import {
  measureExact,
  measureGrowth,
  measureUndisturbed,
  perFile,
} from "../lib/scenario/collection-findings.ts";
import { collectorOptions, refuseForeignFault } from "../lib/scenario/collector-options.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, below, none, skipped } from "../lib/scenario/measure.ts";
import { bytes, count, duration, list } from "../lib/scenario/number-options.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { flag } from "../lib/scenario/text-options.ts";
import type { Scaled } from "../lib/source/scale-collection.ts";
import { PROJECT_FAULTS } from "../targets/projects/faults.ts";

/** Of the slowest collector that was tried. */
const PER_FILE_MS = 10;

export const scenario = defineScenario({
  summary:
    "Have a collector list more and more tests: exactly all of them, in time, and never more than in step.",
  group: "imports",
  target: { role: "none" },
  options: {
    ...collectorOptions("collection-scale", PROJECT_FAULTS),
    files: list(count({ default: "1", min: "1", help: "" }), {
      default: "100,200,500,1000",
      smoke: "40,80,160,320",
      ascending: true,
      help: "so many files of ten tests each, one size after another; the largest has to keep the limits",
    }),
    repeats: count({ default: "2", smoke: "2", min: "1", help: "how often each size is listed" }),
    folders: count({
      default: "50",
      smoke: "5",
      min: "1",
      help: "folders of 20 files with inheritance, fixtures and deep imports",
    }),
    circular: count({ default: "20", min: "2", help: "test files that import each other in a ring" }),
    own: flag({ help: "list the project's own tests, too, twice: no error, and the same number both times" }),
    within: duration({ default: "60s", help: "how long the largest size may take" }),
    deepWithin: duration({ default: "180s", help: "how long the deep ones may take" }),
    maxMemory: bytes({
      default: "500MB",
      help: "most memory of the collector's processes together, plain files",
    }),
    maxDeepMemory: bytes({ default: "800MB", help: "the same with the deep ones" }),
    maxPerFile: bytes({ default: "512KiB", help: "how much each file more may take" }),
    minRate: count({ default: "50", help: "least tests a second of the largest size" }),
  },
  contradictions: refuseForeignFault,
  plan: ({ files, repeats, folders, circular }) => {
    const all = files.reduce((sum, size) => sum + size, 0) * repeats + 20 * folders + circular;
    return {
      durationMs: 2000 + all * PER_FILE_MS + (files.length * repeats + 2) * 500,
      steps: [`write ${all} test files in temporary folders, and have them listed`],
      peak: { processes: 4, memoryBytes: 500_000_000, diskBytes: all * 4096 },
    };
  },

  async run({ options, phase, signal, temporaryFolder, markProcesses }) {
    const { scaleCollection } = await import("../lib/source/scale-collection.ts");
    await phase("baseline", { lastsMs: 500 });
    const settings = { lastsMs: options.within };
    const order = { ...options, fault: options.fault?.[0] ?? null, mark: markProcesses(), signal };
    return phase("load", settings, () => scaleCollection(order, () => temporaryFolder(tmpdir())));
  },

  invariants: {
    applied: {
      "a collector listed tests of every size": ({ evidence: { runs, collector, missing }, options }) =>
        missing === null
          ? none(
              options.files
                .filter((size) => !runs.some((run) => run.kind === "plain" && run.files === size))
                .map(String),
              options.files.length,
              "sizes",
            )
          : { outcome: "unknown", reason: `${collector}: ${missing}` },
    },
    held: {
      "every test is listed, and none twice": ({ evidence }) => measureExact(evidence),
      "nothing is an error, and every collection ends": ({ evidence }) => measureUndisturbed(evidence),
      "the largest size is listed within {within}": ({ evidence, options }) =>
        below(slowest(evidence, "plain"), options.within, "ms"),
      "the deep ones are listed within {deepWithin}": ({ evidence, options }) =>
        below(slowest(evidence, "deep"), options.deepWithin, "ms"),
      "circular ones do not hang it": ({ evidence, options }) =>
        below(slowest(evidence, "circular"), options.within, "ms"),
      "at least {minRate} tests a second are listed": ({ evidence, options }) => {
        const tookMs = slowest(evidence, "plain");
        const tests = Math.max(
          0,
          ...evidence.runs.filter(({ kind }) => kind === "plain").map(({ listed }) => listed),
        );
        if (evidence.lists === "files") return skipped(`${evidence.collector} lists files alone`);
        return atLeast(
          tookMs === null ? null : Math.round((tests / tookMs) * 1000),
          options.minRate,
          "count",
        );
      },
      "its memory stays below {maxMemory}": ({ evidence, options }) =>
        below(peak(evidence, "plain"), options.maxMemory, "bytes"),
      "with the deep ones below {maxDeepMemory}": ({ evidence, options }) =>
        below(peak(evidence, "deep"), options.maxDeepMemory, "bytes"),
      "each file more takes less than {maxPerFile}": ({ evidence, options }) =>
        below(perFile(evidence), options.maxPerFile, "bytes"),
      "time grows at most in step with files": ({ evidence }) => measureGrowth(evidence),
    },
    recovered: {
      "no process of it is left": ({ evidence: { runs } }) =>
        none(
          runs.flatMap(({ left }) => left),
          Math.max(runs.length, runs.flatMap(({ left }) => left).length),
          "collections",
        ),
    },
  },
});

function slowest({ runs }: Scaled, kind: Scaled["runs"][number]["kind"]): number | null {
  const largest = Math.max(0, ...runs.filter((run) => run.kind === kind).map(({ files }) => files));
  const times = runs.filter((run) => run.kind === kind && run.files === largest).map(({ tookMs }) => tookMs);
  return times.length === 0 ? null : Math.max(...times);
}

function peak({ runs }: Scaled, kind: Scaled["runs"][number]["kind"]): number | null {
  const peaks = runs.filter((run) => run.kind === kind).flatMap(({ peakBytes }) => peakBytes ?? []);
  return peaks.length === 0 ? null : Math.max(...peaks);
}

await main(import.meta, scenario);

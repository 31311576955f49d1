/** An earlier run to measure a new one by, and what is found of that. */
import { join } from "node:path";
import { type Comparison, compare } from "./compare.ts";
import type { Subject } from "./figures.ts";
import type { Finding } from "./finding.ts";
import { listRuns, readPastRun } from "./history.ts";
import { isRun, readReport } from "./read-report.ts";
import { readSamples } from "./samples.ts";

/** Throws an Error in words for the user: it is no report, or not of one scenario. */
export function readSubject(path: string): Subject {
  const { report, run } = readReport(path);
  if (!isRun(report))
    throw new Error(`Cannot compare ${path}: expected a run of one scenario, got ${report.scenario}`);
  if (report.verdict.kind === "unfinished" || report.findings.length === 0)
    throw new Error(
      `Cannot compare ${path}: expected a run that was judged, got one that is ${report.verdict.kind}: ${report.verdict.sentence}`,
    );
  return { report, samples: readSamples(run)?.samples ?? [] };
}

/** `last-pass`: null where there is none. Throws like readSubject(), and on a run of another scenario. */
export function findBaseline(wanted: string, out: string, scenario: string): Subject | null {
  const subject = wanted === "last-pass" ? findLastPass(join(out, scenario)) : readSubject(wanted);
  if (subject && subject.report.scenario !== scenario)
    throw new Error(
      `Cannot take ${wanted} for a baseline: expected a run of ${scenario}, got ${subject.report.scenario}`,
    );
  return subject;
}

function findLastPass(folder: string): Subject | null {
  const run = listRuns(folder).findLast((name) => readPastRun(folder, name).kind === "pass");
  return run === undefined ? null : readSubject(join(folder, run));
}

export function judgeAgainst(baseline: Subject, now: Subject): Finding {
  const comparison = compare(baseline, now);
  const { worse, compared } = comparison;
  const about = {
    group: "held",
    standard: true,
    sentence: "nothing is slower or bigger than in the baseline by more than 20 %, beyond noise",
  } as const;
  if (compared === 0)
    return { ...about, outcome: "unknown", reason: "the two runs have no figure in common" };
  return {
    ...about,
    outcome: worse.length > 0 ? "broken" : "held",
    measured: worse.map(({ told }) => told).join("; ") || `0 of ${compared} figures`,
    limit: "none",
    value: worse.length,
    unit: "count",
    evidence: [`compared with ${baseline.report.run}`, ...tellComparison(comparison)],
  };
}

/** What differs first; then what is worse, and what is better. */
export function tellComparison({ differing, worse, better }: Comparison): string[] {
  return [
    ...differing.map((what) => `not the same: ${what}`),
    ...worse.map(({ told }) => `worse: ${told}`),
    ...better.map(({ told }) => `better: ${told}`),
  ];
}

/** What is found of a collector: whether its list is right, and how its time and memory grow. */
import { fitPowerLaw } from "../source/power-law.ts";
import type { Run, Scaled } from "../source/scale-collection.ts";
import { type Measure, none, unknown } from "./measure.ts";

/** Some collectors refuse test files that import each other: that they do not hang is all that is asked there. */
const isOrdinary = ({ kind }: Run) => kind !== "circular";

export function measureExact({ runs: all, lists }: Scaled): Measure {
  const runs = all.filter(isOrdinary);
  const wrong = runs.filter(({ ended, expected, listed }) => ended === "by itself" && expected !== listed);
  const told = wrong.map((run) => `${describe(run)}: ${run.listed} ${lists}, ${run.expected} are there`);
  return none(told, runs.filter(({ ended }) => ended === "by itself").length, "collections");
}

export function measureUndisturbed({ runs: all }: Scaled): Measure {
  const runs = all.filter(isOrdinary);
  const late = runs
    .filter(({ ended }) => ended === "late")
    .map((run) => `${describe(run)}: did not end in its time`);
  const errors = runs.flatMap((run) => run.errors.map((error) => `${describe(run)}: ${error}`));
  const ended = runs.filter((run) => run.ended !== "aborted");
  return none([...late, ...errors], Math.max(ended.length, late.length + errors.length), "collections");
}

function describe({ files, kind }: Run): string {
  return kind === "own" ? "the project's own" : `${files} ${kind} files`;
}

/** Bytes that a file more takes, from the smallest size to the largest; null where memory or sizes are missing. */
export function perFile({ runs }: Scaled): number | null {
  const plain = runs.filter(({ kind, peakBytes }) => kind === "plain" && peakBytes !== null);
  const sorted = [...plain].sort((a, b) => a.files - b.files);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (!least || !most || least.files === most.files) return null;
  return Math.max(0, ((most.peakBytes ?? 0) - (least.peakBytes ?? 0)) / (most.files - least.files));
}

/** More than this beyond 1 is no noise of a small measurement. */
const TOLERANCE = 0.1;

/** Broken where even the lower end of the exponent's interval is above one. */
export function measureGrowth({ runs }: Scaled): Measure {
  const plain = runs.filter(({ kind, ended }) => kind === "plain" && ended === "by itself");
  const law = fitPowerLaw(plain.map(({ files, tookMs }) => [files, tookMs]));
  if (law === null) return unknown("fewer than three sizes were listed");
  const { exponent, low, high } = law;
  const told = `files^${exponent.toFixed(2)} (98 %: ${low.toFixed(2)} to ${high.toFixed(2)})`;
  const times = plain.map(({ files, tookMs }) => `${files} files: ${Math.round(tookMs)} ms`);
  return {
    outcome: exponent > 1 + TOLERANCE && low > 1 ? "broken" : "held",
    ...{ measured: told, limit: "files^1", evidence: times },
  };
}

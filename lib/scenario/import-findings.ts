/** What is told of a project's imports beside each invariant. */
import { tellCut, tellCycle } from "../source/cycle-text.ts";
import { newCycles } from "../source/known-cycles.ts";
import type { KnownCycle, Survey } from "../source/survey.ts";
import { type Measure, unknown } from "./measure.ts";

/** Judges what was read; where reading was ended before, nothing can be said. */
export function ofSurvey<F extends { readonly evidence: Survey | null }>(
  judge: (survey: Survey, facts: F) => Measure,
): (facts: F) => Measure {
  return (facts) => (facts.evidence ? judge(facts.evidence, facts) : unknown("reading was ended before"));
}

const MOST_CYCLES = 10;
const MOST_CUTS = 5;

/** The shortest that count; then where to cut, the best first. */
export function tellCycles(survey: Survey, before: unknown): string[] {
  const cycles = newCycles(survey, before);
  const accepted = survey.cycles.length - cycles.length;
  const cuts = survey.cuts
    .slice(0, MOST_CUTS)
    .map(
      (cut, index) =>
        `${index === 0 ? "cut first" : "then"}: ${tellCut(cut)} of ${survey.cycles.length} cycles`,
    );
  return [
    ...(accepted > 0 ? [`${accepted} cycles that the baseline had are accepted`] : []),
    ...tellFirst(cycles),
    ...(cycles.length > 0 ? cuts : []),
  ];
}

export function tellFirst(cycles: readonly KnownCycle[]): string[] {
  const told = cycles.slice(0, MOST_CYCLES).map(tellCycle);
  const left = cycles.length - told.length;
  return left > 0 ? [...told, `and ${left} more: report.json has them`] : told;
}

export function tellPassedOver(passedOver: Survey["passedOver"]): string[] {
  return Object.entries(passedOver).map(([what, times]) => `passed over: ${what}, ${times}`);
}

const MOST_MISSING = 5;

export function tellSize({ modules, imports, typeImports, threads, missing }: Survey): string[] {
  return [
    `${modules} modules, ${imports} imports among them, ${typeImports} of types alone; by ${threads} threads`,
    ...missing.slice(0, MOST_MISSING).map((line) => `leads nowhere: ${line}`),
  ];
}

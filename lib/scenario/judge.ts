/** Measures every invariant of a run, the scenario's own and the standard ones. */
import type { Finding } from "../report/finding.ts";
import { allOptions } from "./common-options.ts";
import type { Measure } from "./measure.ts";
import type { Options } from "./option.ts";
import type { Facts, Scenario } from "./scenario.ts";
import { fillIn, GROUPS, type Group } from "./sentences.ts";
import { type RunFacts, standardInvariants } from "./standard-invariants.ts";
import { targetInvariants } from "./target-invariants.ts";

/** Pure: the same facts give the same findings, in the run or from a saved one. */
export function judgeRun<O extends Options, E>(
  scenario: Scenario<O, E>,
  facts: Facts<O, E>,
  run: RunFacts,
): Finding[] {
  const options = allOptions(scenario);
  const { target } = run;
  const values = { ...run.common, ...facts.options };
  const find = (group: Group, sentence: string, measure: Measure, standard = false) =>
    toFinding({ group, sentence: fillIn(sentence, options, values), standard }, measure);
  return GROUPS.flatMap((group) => {
    const own = Object.entries(scenario.invariants[group]).map(([sentence, measure]) =>
      find(group, sentence, measure(facts)),
    );
    const standard = Object.entries(standardInvariants[group]).map(([sentence, measure]) =>
      find(group, sentence, measure(run), true),
    );
    if (target === null) return [...own, ...standard];
    const ofTarget = Object.entries(targetInvariants[group]).map(([sentence, measure]) =>
      find(group, sentence, measure(target, run.common, run.givenOfTarget), true),
    );
    // whatever else one that has died did not do, its death comes first
    return target.died ? [...ofTarget, ...own, ...standard] : [...own, ...standard, ...ofTarget];
  });
}

function toFinding(about: Pick<Finding, "group" | "sentence" | "standard">, measure: Measure): Finding {
  if (!("measured" in measure)) return { ...measure, ...about };
  return { ...measure, ...about, evidence: [...measure.evidence] };
}

/** Judges made-up evidence by each invariant of a scenario: it has to hold on health, and to break on what is planted for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NamedReadings, Sample } from "../lib/host/gauges.ts";
import { valuesOf } from "../lib/scenario/fixtures/made-up.ts";
import type { Measure } from "../lib/scenario/measure.ts";
import type { Options } from "../lib/scenario/option.ts";
import type { Facts, Scenario } from "../lib/scenario/scenario.ts";
import { GROUPS } from "../lib/scenario/sentences.ts";
import { createWindows } from "../lib/scenario/windows.ts";

/** What is made up for one judgement: a change to what a healthy run has. */
interface Planted<E> {
  readonly evidence?: Partial<E>;
  /** The target's own gauges, sample by sample. */
  readonly named?: readonly NamedReadings[];
  /** Other samples, of their phases. */
  readonly samples?: readonly Pick<Sample, "phase" | "gauges">[];
  readonly stayed?: readonly string[];
  /** Options that the user set. */
  readonly given?: readonly string[];
  /** What an earlier run had measured. */
  readonly before?: unknown;
}

type Outcome = Measure["outcome"];
type Cases<E> = Readonly<Record<string, Partial<Record<Outcome, readonly Planted<E>[]>>>>;

/** Sees each sentence hold on health, and lead to the outcomes that are planted for it. None may be without a case. */
export function judgeEach<O extends Options, E>(
  scenario: Scenario<O, E>,
  healthy: Required<Pick<Planted<E>, "evidence" | "named" | "stayed">> &
    Pick<Planted<E>, "before" | "samples"> & {
      /** Options, as the user would write them. */
      readonly flags?: Readonly<Record<string, string>>;
    },
  cases: Cases<E>,
) {
  const options = valuesOf(scenario.options, healthy.flags);
  const invariants = Object.assign({}, ...GROUPS.map((group) => scenario.invariants[group]));

  function judge(sentence: string, planted: Planted<E> = {}): Measure {
    const named = planted.named ?? healthy.named;
    const ofPhases = planted.samples ?? healthy.samples ?? [];
    const all = [...named.map((values) => ({ named: values })), ...ofPhases].map(
      (own, index): Sample => ({
        ...{ atMs: index * 250, lateMs: 0, phase: "load", gauges: {}, loads: {}, named: {} },
        ...own,
      }),
    );
    // nothing here looks at the host
    const given = new Set(planted.given);
    const facts = { options, given, windows: createWindows(all), stayed: planted.stayed ?? [] };
    const before = "before" in planted ? planted.before : (healthy.before ?? null);
    const evidence = { ...healthy.evidence, ...planted.evidence };
    return invariants[sentence]({ ...facts, before, evidence } as unknown as Facts<O, E>);
  }

  test("has a case for each of its invariants", () => {
    assert.deepEqual(Object.keys(cases).sort(), Object.keys(invariants).sort());
    for (const [sentence, { broken = [], unknown = [] }] of Object.entries(cases))
      assert.ok(broken.length + unknown.length > 0, sentence);
  });
  for (const [sentence, expected] of Object.entries(cases)) {
    test(sentence, () => {
      assert.equal(judge(sentence).outcome, "held", JSON.stringify(judge(sentence)));
      for (const [outcome, plants] of Object.entries(expected)) {
        for (const [index, planted] of plants.entries()) {
          const measure = judge(sentence, planted);
          assert.equal(measure.outcome, outcome, `${outcome} ${index + 1}: ${JSON.stringify(measure)}`);
        }
      }
    });
  }
  return judge;
}

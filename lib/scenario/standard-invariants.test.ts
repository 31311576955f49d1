/** The promises of every scenario on made-up runs: each is seen to break by its fault, and to hold on health. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Readings, Sample } from "../host/gauges.ts";
import type { Finding } from "../report/finding.ts";
import { judge } from "../report/verdict.ts";
import type { AnyLoad, Outcome } from "../stress/load.ts";
import { commonOptions } from "./common-options.ts";
import { judgeRun } from "./judge.ts";
import { atMost } from "./measure.ts";
import { count } from "./number-options.ts";
import { defineScenario, type Facts } from "./scenario.ts";
import { resolveSettings } from "./settings.ts";
import type { RunFacts } from "./standard-invariants.ts";
import { targetOptions } from "./target-options.ts";
import { createWindows } from "./windows.ts";

const SAMPLING = "at least 99 % of the samples were taken, or all but one";
const HELD_ON = "every stressor held until it was asked to let go";
const GUARD = "no guard had to end the load";
const LOOP = "the event loop answered within 200 ms, 99 times in 100";
const LET_GO = "every stressor let go when it was asked to";

const common = resolveSettings(
  { ...commonOptions, ...targetOptions },
  {
    flags: new Map(),
    environment: {},
    profile: "development",
    size: { share: 1, why: "default" },
  },
).values;

const scenario = defineScenario({
  summary: "Made up.",
  group: "exhaustion",
  options: { most: count({ default: "5", help: "help" }) },
  plan: () => ({ durationMs: 0, steps: [], peak: {} }),
  run: async (): Promise<number | null> => 3,
  invariants: {
    applied: {},
    held: { "at most {most} were lost": ({ evidence, options }) => atMost(evidence, options.most, "count") },
    recovered: {},
  },
});

function sample(phase: string, gauges: Readings): Sample {
  return { atMs: 0, lateMs: 0, phase, gauges, loads: {}, named: {} };
}

/** Samples of these phases, each as often as it says and with this delay. */
function samples(...phases: readonly (readonly [phase: string, times: number, delayMs: number | null])[]) {
  return phases.flatMap(([phase, times, eventLoopDelayMs]) =>
    Array.from({ length: times }, () => sample(phase, { eventLoopDelayMs })),
  );
}

function load(outcome: Outcome<unknown>, mayDie = false): AnyLoad {
  const how = { letGo: () => {}, release: async () => [] };
  return { name: "hold-memory", unit: "bytes", asked: 1, held: 0, mayDie, outcomes: [outcome], ...how };
}

const released: Outcome<unknown> = { ended: "released", by: "release", held: 1, applied: null };
const healthy = samples(["baseline", 100, 1], ["load", 100, 2], ["hold", 100, 3], ["recovery", 100, 1]);

function judgeMadeUp(own: Partial<RunFacts> & { all?: readonly Sample[]; evidence?: number | null } = {}) {
  const windows = createWindows(own.all ?? healthy);
  const sampling = { due: 400, taken: 400 };
  // nothing here looks at the host
  const facts = { options: { most: 5 }, evidence: own.evidence === undefined ? 3 : own.evidence, windows };
  return judgeRun(scenario, facts as unknown as Facts<typeof scenario.options, number | null>, {
    ...{
      common,
      givenOfTarget: new Set(),
      windows,
      sampling,
      loads: [load(released)],
      guard: null,
      unwritten: 0,
      target: null,
    },
    ...own,
  });
}

function outcomeOf(sentence: string, findings: readonly Finding[]): string | undefined {
  return findings.find((finding) => finding.sentence === sentence)?.outcome;
}

test("judgeRun() finds on health that everything held, in order, with the options' values in the sentences", () => {
  const findings = judgeMadeUp();
  assert.deepEqual(
    findings.map(({ group, sentence, outcome }) => [group, sentence, outcome]),
    [
      ["applied", SAMPLING, "held"],
      ["applied", HELD_ON, "held"],
      ["applied", GUARD, "held"],
      ["held", "at most 5 were lost", "held"],
      ["held", LOOP, "held"],
      ["held", "every sample was written down", "held"],
      ["recovered", LET_GO, "held"],
    ],
  );
  assert.equal(judge(findings).kind, "pass");
});

test("judgeRun() reports a planted stall in load and hold, and makes nothing of one in the baseline", () => {
  const stall = (phase: string) =>
    outcomeOf(LOOP, judgeMadeUp({ all: [...healthy, ...samples([phase, 5, 250])] }));
  assert.deepEqual(["load", "hold", "hold 75 %", "baseline", "recovery"].map(stall), [
    ...["broken", "broken", "broken"],
    ...["held", "held"],
  ]);
});

test("judgeRun() does not blame the load for late answers of a machine that was not given its time", () => {
  const stolen = (cpuStealMs: number) => [
    sample("hold", { cpuTotalMs: 0, cpuStealMs: 0 }),
    sample("hold", { cpuTotalMs: 1000, cpuStealMs }),
    ...samples(["hold", 50, 900]),
  ];
  assert.equal(
    outcomeOf(LOOP, judgeMadeUp({ all: [...stolen(100), ...samples(["hold", 50, 1100])] })),
    "broken",
  );
  assert.equal(outcomeOf(LOOP, judgeMadeUp({ all: stolen(100) })), "unknown");
  assert.equal(outcomeOf(LOOP, judgeMadeUp({ all: stolen(10) })), "broken");
});

test("judgeRun() reports samples that could not be written", () => {
  assert.equal(outcomeOf("every sample was written down", judgeMadeUp({ unwritten: 1 })), "broken");
});

test("judgeRun() does not blame the load for late answers of a box that was busy before", () => {
  const busy = (cpuBusyMs: number, cpuTotalMs: number) => sample("baseline", { cpuBusyMs, cpuTotalMs });
  const late = samples(["hold", 50, 900]);
  assert.equal(outcomeOf(LOOP, judgeMadeUp({ all: [busy(0, 0), busy(990, 1000), ...late] })), "unknown");
  assert.equal(outcomeOf(LOOP, judgeMadeUp({ all: [busy(0, 0), busy(100, 1000), ...late] })), "broken");
});

test("judgeRun() forgives one stall in more than a hundred samples, and not one in fewer", () => {
  const loop = (times: number) =>
    outcomeOf(LOOP, judgeMadeUp({ all: samples(["hold", times, 1], ["hold", 1, 900]) }));
  assert.deepEqual([loop(150), loop(50)], ["held", "broken"]);
});

test("judgeRun() does not know about the event loop without a reading under load", () => {
  for (const all of [[], samples(["baseline", 100, 1], ["hold", 100, null])]) {
    const findings = judgeMadeUp({ all });
    assert.equal(outcomeOf(LOOP, findings), "unknown");
    assert.equal(judge(findings).kind, "inconclusive");
  }
});

test("judgeRun() reports missed samples, and a sampler that never took one", () => {
  const expected = [
    [1000, 990, "held"],
    [1000, 989, "broken"],
    [10, 9, "held"],
    [10, 8, "broken"],
    [10, 0, "unknown"],
    [0, 0, "unknown"],
  ] as const;
  for (const [due, taken, outcome] of expected) {
    const findings = judgeMadeUp({ sampling: { due, taken } });
    assert.equal(outcomeOf(SAMPLING, findings), outcome, `${taken} of ${due}`);
    assert.equal(judge(findings).kind, outcome === "held" ? "pass" : "inconclusive");
  }
});

test("judgeRun() is inconclusive when the guard had to end the load, with its reason", () => {
  const findings = judgeMadeUp({ guard: "memory available fell" });
  assert.equal(outcomeOf(GUARD, findings), "broken");
  assert.ok(JSON.stringify(findings).includes("memory available fell"));
  assert.equal(judge(findings).kind, "inconclusive");
});

test("judgeRun() is inconclusive when a stressor let go before it was asked to: by its deadline or by itself", () => {
  for (const by of ["deadline", "itself"] as const) {
    const findings = judgeMadeUp({ loads: [load({ ...released, ended: "released", by, applied: null })] });
    assert.equal(outcomeOf(HELD_ON, findings), "broken");
    assert.equal(judge(findings).kind, "inconclusive");
  }
});

test("judgeRun() says nothing of stressors where none was started", () => {
  const findings = judgeMadeUp({ loads: [] });
  assert.deepEqual([outcomeOf(HELD_ON, findings), outcomeOf(LET_GO, findings)], ["skipped", "skipped"]);
});

test("judgeRun() reports a stressor that was forced or died, and forgives one that may die", () => {
  const forced: Outcome<unknown> = { ended: "forced", held: 1 };
  const died: Outcome<unknown> = { ended: "died", held: 1, error: "planted" };
  for (const outcome of [forced, died]) {
    const findings = judgeMadeUp({ loads: [load(released), load(outcome)] });
    assert.equal(outcomeOf(LET_GO, findings), "broken");
    assert.equal(judge(findings).kind, "fail");
  }
  assert.ok(JSON.stringify(judgeMadeUp({ loads: [load(died)] })).includes("hold-memory died: planted"));
  assert.equal(outcomeOf(LET_GO, judgeMadeUp({ loads: [load(released), load(died, true)] })), "held");
});

test("judgeRun() does not know what the scenario did not measure", () => {
  const findings = judgeMadeUp({ evidence: null });
  assert.equal(outcomeOf("at most 5 were lost", findings), "unknown");
  assert.equal(judge(findings).kind, "inconclusive");
});

/** What every target promises, on made-up facts: each sentence is seen to hold, to break, and to be unknown or skipped where it says so. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { HealthRecord } from "../target/health.ts";
import { commonOptions } from "./common-options.ts";
import { HEALTHY_STATE, valuesOf } from "./fixtures/made-up.ts";
import type { Measure } from "./measure.ts";
import type { RunFacts } from "./standard-invariants.ts";
import { targetInvariants } from "./target-invariants.ts";
import { targetOptions } from "./target-options.ts";

type Facts = NonNullable<RunFacts["target"]>;

const limits = valuesOf({ ...commonOptions, ...targetOptions });
const sentences = { ...targetInvariants.applied, ...targetInvariants.held, ...targetInvariants.recovered };

const answered: HealthRecord = {
  by: "answer",
  asked: 50,
  failed: 0,
  notAsked: 0,
  latencyMs: { p50: 1, p95: 2, p99: 3, max: 40 },
  failures: [],
  longestOutageMs: 0,
};
const silent = { ...answered, failed: 50, failures: ["connect ECONNREFUSED × 50"], longestOutageMs: 9000 };
const unasked = { ...answered, asked: 0, latencyMs: { p50: null, p95: null, p99: null, max: null } };
const health = (underLoad: HealthRecord, afterwards = answered) => ({ health: { underLoad, afterwards } });
const after = (more: Partial<Facts["before"]>) => ({ after: { ...HEALTHY_STATE, ...more } });
const unread = (more: Partial<Facts["before"]>) => ({
  before: { ...HEALTHY_STATE, ...more },
  ...after(more),
});
const stop = (more: Partial<NonNullable<Facts["stop"]>>) => ({
  stop: { tookMs: 20, forced: false, left: [], ...more },
});
const died = { died: { exitCode: null, signal: "SIGKILL", during: "hold" }, lastLines: ["out of memory"] };

const HEALTHY: Facts = {
  name: "server",
  isHub: false,
  command: ["server"],
  pid: 123,
  url: "ws://127.0.0.1:8080/",
  readyAfterMs: 50,
  died: null,
  ...health(answered),
  before: HEALTHY_STATE,
  base: null,
  after: HEALTHY_STATE,
  stayed: [],
  ...stop({}),
  lastLines: ["listening"],
  output: { readBytes: 10, droppedBytes: 0 },
  mayRefuse: false,
};

function judge(
  sentence: string,
  more: Partial<Facts> = {},
  given: RunFacts["givenOfTarget"] = new Set(),
): Measure {
  const measure = sentences[sentence];
  assert.ok(measure, sentence);
  return measure({ ...HEALTHY, ...more }, limits, given);
}

const outcomes = (sentence: string, facts: readonly Partial<Facts>[]) =>
  facts.map((more) => judge(sentence, more).outcome);

for (const sentence of Object.keys(sentences)) {
  test(`targetInvariants: of a healthy target it is so that ${sentence}`, () => {
    assert.equal(judge(sentence).outcome, "held");
  });
}

test("targetInvariants tell a target that died: when, of what, and its last words", () => {
  assert.deepEqual(judge("the target stayed alive", died), {
    outcome: "broken",
    measured: 'SIGKILL killed it during hold, saying "out of memory"',
    limit: "alive to the end",
    evidence: ["out of memory"],
  });
  const measured = (exitCode: number | null) => {
    const ended = { died: { exitCode, signal: null, during: "load" }, lastLines: [] };
    const measure = judge("the target stayed alive", ended);
    return measure.outcome === "broken" && measure.measured;
  };
  assert.equal(measured(3), "it ended with exit code 3 during load");
  // of one that somebody else started nobody can tell how
  assert.equal(measured(null), "it ended during load");
});

const OUTAGE = "the target was never without an answer for more than {targetMaxOutage}";

test("targetInvariants tell an outage with what the questions met, unless the load is there to make it refuse", () => {
  const broken = judge(OUTAGE, health(silent));
  assert.ok(broken.outcome === "broken");
  assert.deepEqual([broken.value, broken.limit], [9000, "≤ 5 s"]);
  assert.deepEqual(broken.evidence, ["0 of 50 answered, the slowest in 40 ms", "connect ECONNREFUSED × 50"]);
  const others = [{ ...health(silent), mayRefuse: true }, { health: null }, health(unasked)];
  assert.deepEqual(outcomes(OUTAGE, others), ["skipped", "skipped", "unknown"]);
  const own = "7 times it could not be asked: this process was out of descriptors";
  assert.deepEqual(judge(OUTAGE, health({ ...unasked, notAsked: 7 })), { outcome: "unknown", reason: own });
  const seldom = judge(OUTAGE, health({ ...answered, notAsked: 7 }));
  assert.ok(seldom.outcome === "held");
  assert.deepEqual(seldom.evidence, ["50 of 50 answered, the slowest in 40 ms", own]);
  const short = health({ ...silent, failed: 3, longestOutageMs: 5000 });
  assert.equal(judge(OUTAGE, short).outcome, "held");
});

test("targetInvariants do not take what the kernel accepts for an answer, but see where not even that was so", () => {
  const accepted = { ...answered, by: "accept" as const };
  assert.deepEqual(outcomes(OUTAGE, [health(accepted), health({ ...silent, by: "accept" })]), [
    "skipped",
    "broken",
  ]);
  const afterwards = [health(answered, accepted), health(answered, { ...silent, by: "accept" })];
  assert.deepEqual(outcomes("the target answered afterwards", afterwards), ["skipped", "broken"]);
});

test("targetInvariants want one answer after the load, and know that a dead target gives none", () => {
  const sentence = "the target answered afterwards";
  assert.deepEqual(
    outcomes(sentence, [
      health(answered, silent),
      health(answered, { ...silent, failed: 49 }),
      health(answered, unasked),
      { ...health(answered, unasked), ...died },
      { health: null },
    ]),
    ["broken", "held", "unknown", "broken", "skipped"],
  );
});

test("targetInvariants tell memory that did not come back, and make nothing of memory that shrank", () => {
  const sentence = "at most {targetMaxGrowth} of the target's memory did not come back";
  const [was = 0, most] = [HEALTHY_STATE.anonymousBytes ?? 0, limits.targetMaxGrowth];
  assert.deepEqual(
    outcomes(sentence, [
      after({ anonymousBytes: was + most }),
      after({ anonymousBytes: was + most + 1 }),
      after({ anonymousBytes: 0 }),
      after({ anonymousBytes: null }),
      { after: null },
    ]),
    ["held", "broken", "held", "unknown", "unknown"],
  );
});

test("targetInvariants judge resident memory where no other can be read by a limit that the user set, and say so, and skip where none can", () => {
  const sentence = "at most {targetMaxGrowth} of the target's memory did not come back";
  const before = { ...HEALTHY_STATE, anonymousBytes: null };
  const rssBytes = (HEALTHY_STATE.rssBytes ?? 0) + limits.targetMaxGrowth + 1;
  const grown = { before, after: { ...before, rssBytes } };
  assert.equal(judge(sentence, grown).outcome, "unknown");
  const measure = judge(sentence, grown, new Set(["targetMaxGrowth"]));
  assert.ok(measure.outcome === "broken");
  assert.match(measure.evidence[0] ?? "", /^resident memory, .* no other can be read here$/);
  assert.equal(judge(sentence, { before, after: before }).outcome, "held");
  const unreadable = { ...before, rssBytes: null };
  assert.equal(judge(sentence, { before: unreadable, after: unreadable }).outcome, "skipped");
});

test("targetInvariants convict a heap that takes what it is allowed only by a limit that the user set", () => {
  const sentence = "at most {targetMaxGrowth} of the target's memory did not come back";
  const before = { ...HEALTHY_STATE, managedHeap: true };
  const anonymousBytes = (before.anonymousBytes ?? 0) + limits.targetMaxGrowth + 1;
  const grown = { before, after: { ...before, anonymousBytes } };
  const measure = judge(sentence, grown);
  assert.match(
    measure.outcome === "unknown" ? measure.reason : "",
    /^its heap takes what it is allowed .+--target-max-growth$/,
  );
  assert.equal(judge(sentence, grown, new Set(["targetMaxGrowth"])).outcome, "broken");
  assert.equal(judge(sentence, { before, after: before }).outcome, "held");
});

test("targetInvariants let a target keep what it held once it had warmed up, and tell all three states", () => {
  const most = limits.targetMaxGrowth;
  const base = { ...HEALTHY_STATE, descriptors: 62, anonymousBytes: 2 * most };
  const kept = { base, after: { ...base, descriptors: 63, anonymousBytes: 3 * most } };
  const memory = judge("at most {targetMaxGrowth} of the target's memory did not come back", kept);
  assert.ok(memory.outcome === "held" && memory.value === most);
  const pool = judge("at most {targetMaxKept} of its descriptors did not come back", kept);
  assert.ok(pool.outcome === "held" && pool.value === 1);
  assert.deepEqual(pool.evidence, ["30 before, 62 once it had warmed up, 63 after"]);
  const more = { base, after: { ...base, descriptors: 71 } };
  assert.equal(judge("at most {targetMaxKept} of its descriptors did not come back", more).outcome, "broken");
});

for (const what of ["descriptors", "threads", "sockets", "processes"] as const) {
  test(`targetInvariants tell ${what} that stayed, by name, beyond what pools may open`, () => {
    const sentence = `at most {targetMaxKept} of its ${what} did not come back`;
    const was = HEALTHY_STATE[what] ?? 0;
    const stayed = ["9 × /tmp/x"];
    const broken = judge(sentence, { ...after({ [what]: was + 9 }), stayed });
    assert.ok(broken.outcome === "broken");
    assert.deepEqual(broken.evidence, [`${was} before, ${was + 9} after`, ...stayed]);
    const few = judge(sentence, { ...after({ [what]: was + 8 }), stayed });
    assert.deepEqual(few.outcome === "held" && few.evidence, [`${was} before, ${was + 8} after`]);
    assert.deepEqual(outcomes(sentence, [after({ [what]: 0 }), unread({ [what]: null }), { after: null }]), [
      "held",
      "skipped",
      "unknown",
    ]);
  });
}

test("targetInvariants tell a stop that took force, and every process that was left; not of one that goes on", () => {
  const sentence = "the target stopped when it was asked to, and left no process";
  const forced = judge(sentence, stop({ forced: true, tookMs: 10_000, left: ["pid 7 sleep 1000"] }));
  assert.ok(forced.outcome === "broken");
  assert.equal(forced.measured, "it had to be killed after 10 s, 1 processes were left");
  assert.deepEqual(forced.evidence, ["pid 7 sleep 1000"]);
  assert.deepEqual(outcomes(sentence, [stop({ left: ["pid 7 sleep"] }), { stop: null }]), [
    "broken",
    "skipped",
  ]);
});

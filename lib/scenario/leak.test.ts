/** What a target held at its quiet points: each planted leak is named, health is level, and a run that cannot tell says what would. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KIB } from "../units.ts";
import { makeCheckpoints } from "./fixtures/made-up.ts";
import { judgeCheckpoints, measureLeak, memoryOf } from "./leak.ts";
import type { Checkpoint } from "./target-watch.ts";

const CONDITIONS = { warmUpMs: null, growthLimitBytes: 50e6 };

function judgeMade(change?: (index: number) => Partial<Checkpoint>, count = 60) {
  return judgeCheckpoints(makeCheckpoints(count, change), CONDITIONS);
}

test("judgeCheckpoints() finds healthy checkpoints level, and measureLeak() says from which leak on it would have told", () => {
  const measure = measureLeak(judgeMade());
  assert.ok(measure.outcome === "held", JSON.stringify(measure));
  assert.equal(measure.measured, "level");
  assert.match(measure.evidence.join("\n"), /live bytes: level, no leak above [\d.]+ (B|KiB) a cycle: /);
});

/** One more at each checkpoint, or 100 KiB of it: the name under which it must be reported. */
const LEAKS: Record<string, (index: number) => Partial<Checkpoint>> = {
  "live bytes": (index) => ({ liveBytes: 10 * 2 ** 20 + index * 100 * KIB }),
  "anonymous memory": (index) => ({ anonymousBytes: 40 * 2 ** 20 + index * 1000 * KIB }),
  descriptors: (index) => ({ descriptors: 30 + index }),
  threads: (index) => ({ threads: 11 + index }),
  sockets: (index) => ({ sockets: 2 + index }),
  processes: (index) => ({ processes: 1 + index }),
  subscribers: (index) => ({ named: { subscribers: index } }),
  Timeout: (index) => ({ resources: { Timeout: 2 + index, TCPServerWrap: 1 } }),
  // of a kind that was not there at the start
  FSEventWrap: (index) => ({ resources: { Timeout: 2, ...(index > 0 && { FSEventWrap: index }) } }),
};

for (const [name, leak] of Object.entries(LEAKS)) {
  test(`measureLeak() names a leak of ${name}, and nothing else, with what it costs an hour`, () => {
    const measure = measureLeak(judgeMade(leak));
    assert.ok(measure.outcome === "broken", JSON.stringify(measure));
    assert.match(measure.measured, new RegExp(`^${name} \\+[\\d.]+.* a cycle \\(98 %: .+\\), .+ an hour$`));
    assert.doesNotMatch(measure.measured, /;/);
  });
}

test("measureLeak() names everything that grows", () => {
  const both = (index: number) => ({ ...LEAKS.descriptors?.(index), ...LEAKS.threads?.(index) });
  const measure = measureLeak(judgeMade(both));
  assert.match(measure.outcome === "broken" ? measure.measured : "", /^threads \+.+; descriptors \+/);
});

test("judgeCheckpoints() does not take a gauge of time for a thing that is kept", () => {
  const { verdict, channels } = judgeMade((index) => ({ named: { uptimeMs: index * 1000, kept: 3 } }));
  assert.equal(verdict, "level");
  const names = channels.map(({ name }) => name);
  assert.deepEqual([names.includes("uptimeMs"), names.includes("kept")], [false, true]);
});

test("measureLeak() says of a run that is too short how long one would decide", () => {
  const short = judgeMade(LEAKS["live bytes"], 15);
  assert.equal(short.verdict, "inconclusive");
  const measure = measureLeak(short);
  assert.ok(measure.outcome === "unknown");
  assert.match(measure.reason, /live bytes: growing so far.+; a run of 1 min would decide$/);
});

/** A cache that fills ever more slowly. */
const fill = (index: number) => ({ liveBytes: 2 ** 20 * (40 - 30 * 0.9 ** index) });

test("measureLeak() does not promise a length where none is known", () => {
  const measure = measureLeak(judgeMade(fill));
  assert.ok(measure.outcome === "unknown", JSON.stringify(measure));
  assert.match(measure.reason, /declare the warm-up, or run longer$/);
});

test("judgeCheckpoints() leaves out what a declared warm-up covers", () => {
  const checkpoints = makeCheckpoints(60, fill);
  const judge = (warmUpMs: number | null) =>
    judgeCheckpoints(checkpoints, { ...CONDITIONS, warmUpMs }).verdict;
  assert.deepEqual([judge(null), judge(127_000)], ["inconclusive", "level"]);
});

test("judgeCheckpoints() lets a target without live bytes grow within the limit, and never passes it beyond", () => {
  const foreign = (bytes: number) => (index: number) => ({
    liveBytes: null,
    resources: null,
    anonymousBytes: 40 * 2 ** 20 + (index === 30 ? bytes : 0),
  });
  assert.equal(judgeMade(foreign(40e6)).verdict, "level");
  assert.equal(judgeMade(foreign(60e6)).verdict, "inconclusive");
});

test("judgeCheckpoints() of nothing is inconclusive", () => {
  assert.equal(measureLeak(judgeCheckpoints([], CONDITIONS)).outcome, "unknown");
});

test("memoryOf() prefers live bytes, where there are any, to anonymous memory", () => {
  const [first] = makeCheckpoints(1);
  const blind = makeCheckpoints(3, () => ({ liveBytes: null }));
  assert.deepEqual(memoryOf(makeCheckpoints(1)), {
    values: [first?.liveBytes],
    what: "live bytes, after a forced collection",
  });
  assert.deepEqual(memoryOf(blind), { values: Array(3).fill(40 * 2 ** 20), what: "anonymous memory" });
  assert.deepEqual(memoryOf([]).values, []);
});

/** What is said of a broken invariant follows from what was measured; where nothing does, nothing is said. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sample } from "../host/gauges.ts";
import { KIB, MIB } from "../units.ts";
import { type Broken, explainBroken, isBroken } from "./explain.ts";
import type { Trend } from "./finding.ts";
import { madeUpFinding, madeUpReport } from "./fixtures/made-up.ts";

function broken(own: Partial<Broken>): Broken {
  const finding = madeUpFinding("broken", "it holds");
  assert.ok(isBroken(finding));
  return { ...finding, ...own };
}

function trend(own: Partial<Trend>): Trend {
  return {
    ...{ name: "live bytes", unit: "bytes", per: "cycle", verdict: "growing", reason: "it grows" },
    ...{ slope: 4 * KIB, low: 4 * KIB, high: 4 * KIB, slopePerHour: 1024 * MIB, growth: MIB },
    smallestLeakExcluded: 600,
    floors: [
      [30_000, 10 * MIB],
      [90_000, 11 * MIB],
    ],
    lines: { fitted: [10 * MIB, 11 * MIB], low: [10 * MIB, 11 * MIB], high: [10 * MIB, 11 * MIB] },
    ...own,
  };
}

const report = madeUpReport();
const explain = (own: Partial<Broken>, samples: readonly Sample[] = []) =>
  Object.fromEntries(explainBroken(broken(own), report, samples).map(({ label, text }) => [label, text]));

test("explainBroken() tells a leak: how it grew, what did not, what is kept, and when the memory is gone", () => {
  const level = trend({ name: "threads", unit: "count", verdict: "level" });
  assert.deepEqual(explain({ trends: [trend({}), level] }), {
    "What happened":
      "live bytes rose from 10 MiB to 11 MiB within 1 min: 4 KiB a cycle (98 %: 4 KiB to 4 KiB)",
    Where: "nowhere else: threads stayed level",
    "Most likely":
      "objects or buffers that are still referred to: no descriptor, timer or connection grows with them",
    "At this rate": "live bytes +1 GiB an hour: all 8 GiB of memory here after 7 h 59 min",
  });
});

test("explainBroken() says how much each thing keeps that grows in step with memory", () => {
  const timers = trend({ name: "Timeout", unit: "count", slope: 2, slopePerHour: 50_000 });
  const said = explain({ trends: [trend({}), timers] });
  assert.equal(said["Most likely"], "each Timeout that stays keeps 2 KiB of live bytes with it");
});

test("explainBroken() guesses nothing of anonymous memory, and says nothing of a rate that is none", () => {
  const said = explain({ trends: [trend({ name: "anonymous memory", slopePerHour: null })] });
  assert.deepEqual(Object.keys(said), ["What happened"]);
});

test("explainBroken() finds when a curve first crossed its limit, from above or from below", () => {
  const samples = [20, 31, 25, 9].map(
    (targetDescriptors, second): Sample => ({
      ...{ atMs: second * 1000, lateMs: 0, phase: `phase ${second}`, loads: {}, named: {} },
      gauges: { targetDescriptors },
    }),
  );
  const line = { gauge: "targetDescriptors", at: 30 };
  const most = explain({ line, bound: { is: "atMost", value: 30 } }, samples);
  assert.equal(most.Where, "first seen at 1 s, in phase 1");
  const least = { line: { ...line, at: 10 }, bound: { is: "atLeast", value: 10 } } as const;
  assert.equal(explain(least, samples).Where, "first seen at 3 s, in phase 3");
  assert.equal(explain({ line, bound: { is: "atMost", value: 30 } }).Where, undefined);
});

test("explainBroken() of what is no trend says what was measured, and nothing that it does not know", () => {
  assert.deepEqual(explain({ measured: "44", limit: "≤ 30" }), {
    "What happened": "measured 44, limit ≤ 30",
  });
});

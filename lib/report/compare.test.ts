/** A planted regression is found, by the figure that it is in; noise, and what is too little to matter, is not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sample } from "../host/gauges.ts";
import { createRandom } from "../stress/random.ts";
import { KIB, MIB } from "../units.ts";
import { judgeAgainst } from "./baseline.ts";
import { compare } from "./compare.ts";
import type { Subject } from "./figures.ts";
import type { Finding, Trend } from "./finding.ts";
import { madeUpFinding, madeUpReport } from "./fixtures/made-up.ts";
import { madeUpTarget } from "./fixtures/made-up-target.ts";
import type { Report } from "./report.ts";

function measured(value: number, limit: number, is: "atMost" | "atLeast" = "atMost"): Finding {
  const finding = madeUpFinding("held", "kept");
  return { ...finding, ...{ value, unit: "bytes", bound: { is, value: limit } } } as Finding;
}

const run = (own: Partial<Report>, samples: readonly Sample[] = []): Subject => ({
  report: madeUpReport({ verdict: { kind: "pass", sentence: "All held." }, ...own }),
  samples,
});
const told = (before: Subject, after: Subject) => {
  const { worse, better } = compare(before, after);
  return { worse: worse.map((one) => one.told), better: better.map((one) => one.told) };
};
const NOTHING = { worse: [], better: [] };

test("compare() finds what spends more of its limit, and says by how much", () => {
  const before = run({ findings: [measured(10 * MIB, 40 * MIB)] });
  assert.deepEqual(told(before, run({ findings: [measured(30 * MIB, 40 * MIB)] })), {
    worse: ["kept: 10 MiB → 30 MiB (3 times)"],
    better: [],
  });
  // twice as much, and a tenth of what may be
  assert.deepEqual(
    told(run({ findings: [measured(4 * MIB, 40 * MIB)] }), run({ findings: [measured(8 * MIB, 40 * MIB)] })),
    NOTHING,
  );
  // a quarter of what may be, and a tenth more than before
  assert.deepEqual(
    told(
      run({ findings: [measured(100 * MIB, 40 * MIB)] }),
      run({ findings: [measured(112 * MIB, 40 * MIB)] }),
    ),
    NOTHING,
  );
});

test("compare() knows which way is worse", () => {
  const [little, much] = [10, 90].map((value) =>
    run({ findings: [measured(value * MIB, 40 * MIB, "atLeast")] }),
  );
  assert.ok(little && much);
  assert.deepEqual(told(little, much).worse, []);
  assert.deepEqual(told(much, little).worse, ["kept: 90 MiB → 10 MiB (0.11 times)"]);
});

const trend = (slope: number, spread: number): Trend => ({
  ...{ name: "live bytes", unit: "bytes", per: "cycle", verdict: "level", reason: "", slope },
  ...{
    low: slope - spread,
    high: slope + spread,
    slopePerHour: null,
    growth: null,
    smallestLeakExcluded: 300,
  },
  ...{ floors: [], lines: null },
});
const leak = (slope: number, spread: number) =>
  run({ findings: [{ ...madeUpFinding("unknown"), trends: [trend(slope, spread)] }] });

test("compare() finds growth whose intervals are apart, and not where they overlap or below what matters", () => {
  assert.deepEqual(told(leak(100, 50), leak(4 * KIB, 500)).worse, [
    "growth of live bytes a cycle: 100 B → 4 KiB (41 times)",
  ]);
  assert.deepEqual(told(leak(100, 50), leak(4 * KIB, 5000)), NOTHING);
  assert.deepEqual(told(leak(1, 1), leak(200, 1)), NOTHING);
});

/** 300 answers, each of about so many ms. */
function answering(medianMs: number, seed: number): Subject {
  const random = createRandom(seed);
  const values = Array.from({ length: 300 }, () => medianMs * (0.5 - Math.log(1 - random()) * 0.7));
  const sorted = [...values].sort((a, b) => a - b);
  const at = (quantile: number) => sorted[Math.floor(quantile * 300)] ?? null;
  const latencyMs = { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(299 / 300) };
  const samples = values.map((targetHealthMs, index): Sample => {
    return { ...{ atMs: index, lateMs: 0, phase: "load", loads: {}, named: {} }, gauges: { targetHealthMs } };
  });
  const target = madeUpTarget();
  assert.ok(target.health);
  const health = { ...target.health, underLoad: { ...target.health.underLoad, latencyMs } };
  return run({ target: { ...target, health } }, samples);
}

test("compare() finds slower answers outside the intervals of their percentiles, and stays silent on a hundred pairs of equals", () => {
  const { worse } = told(answering(10, 1), answering(30, 2));
  assert.ok(
    worse.some((line) => line.startsWith("time to answer under load, median: ")),
    worse.join(),
  );
  for (let seed = 0; seed < 100; seed++)
    assert.deepEqual(told(answering(10, 2 * seed), answering(10, 2 * seed + 1)), NOTHING, `seed ${seed}`);
});

test("compare() names what is not the same about two runs", () => {
  const settings = [{ name: "hold", value: "1 s", source: "flag" }];
  const { host } = madeUpReport();
  const before = run({
    settings,
    host: { ...host, hostname: "other", runtime: { name: "deno", version: "2" } },
  });
  assert.deepEqual(compare(before, run({})).differing, [
    "host other before",
    "--hold 1 s before",
    "deno 2 before, node 20.20.2 now",
  ]);
});

test("judgeAgainst() breaks on what is worse, holds on nothing, and does not know without a figure in common", () => {
  const [good, bad] = [1, 39].map((value) => run({ findings: [measured(value * MIB, 40 * MIB)] }));
  assert.ok(good && bad);
  const broken = judgeAgainst(good, bad);
  assert.ok(broken.outcome === "broken", JSON.stringify(broken));
  assert.equal(broken.measured, "kept: 1 MiB → 39 MiB (39 times)");
  assert.equal(judgeAgainst(bad, good).outcome, "held");
  assert.equal(judgeAgainst(run({}), good).outcome, "unknown");
});

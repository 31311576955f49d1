/** Limits and trends stand on the curves that they are about, and nowhere else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sample } from "../../host/gauges.ts";
import { MIB } from "../../units.ts";
import type { Finding, Trend } from "../finding.ts";
import { madeUpFinding } from "../fixtures/made-up.ts";
import { renderChart } from "./chart-html.ts";
import { chartsOf } from "./charts.ts";
import { markCharts } from "./marks.ts";
import { rangeOf } from "./range.ts";

const SAMPLES = [0, 1000, 2000, 3000].map(
  (atMs): Sample => ({
    ...{ atMs, lateMs: 0, phase: "load", loads: {}, named: {} },
    gauges: { targetAnonymousBytes: 40 * MIB, targetDescriptors: 20, eventLoopDelayMs: 150 },
  }),
);
const PHASES = [
  { name: "load", startMs: 0, endMs: 2000 },
  { name: "recovery of the target", startMs: 2000, endMs: 3000 },
];

function limited(group: Finding["group"], gauge: string, at: number): Finding {
  const finding = madeUpFinding("broken", "it holds");
  assert.ok(finding.outcome === "broken");
  return { ...finding, group, line: { gauge, at } };
}

const growing: Trend = {
  ...{ name: "live bytes", unit: "bytes", per: "cycle", verdict: "growing", reason: "from cycle to cycle" },
  ...{ slope: 4096, low: 4000, high: 4200, slopePerHour: 180 * MIB, growth: MIB, smallestLeakExcluded: 600 },
  floors: [
    [1000, 10 * MIB],
    [2000, 11 * MIB],
  ],
  lines: { fitted: [10 * MIB, 11 * MIB], low: [10.1 * MIB, 10.9 * MIB], high: [9.9 * MIB, 11.1 * MIB] },
};

function chartsWith(findings: readonly Finding[]) {
  return markCharts(chartsOf(SAMPLES), { findings: [...findings], phases: PHASES });
}

const withTrends = (...trends: Trend[]): Finding => ({ ...madeUpFinding("unknown", "no leak"), trends });

test("markCharts() draws a limit on its own gauge's chart: what was to come back, from the recovery on", () => {
  const charts = chartsWith([
    limited("held", "eventLoopDelayMs", 200),
    limited("recovered", "targetDescriptors", 30),
    limited("held", "nobody", 1),
  ]);
  const limits = charts.flatMap(({ title, limits }) =>
    limits.map((limit) => [title, limit.at, limit.fromMs]),
  );
  assert.deepEqual(limits, [
    ["What the target holds", 30, 2000],
    ["Delay of Proofload's event loop", 200, 0],
  ]);
});

test("markCharts() gives a chart of its own, the first, to a trend that no sample shows", () => {
  const [chart, ...others] = chartsWith([withTrends(growing)]);
  assert.equal(chart?.title, "What was left of live bytes, at quiet points");
  assert.equal(chart?.finding, "grows by 4 KiB a cycle (98 %: 3.9 KiB to 4.1 KiB), 180 MiB an hour");
  assert.deepEqual(chart?.trends[0]?.label, "trend +4 KiB a cycle");
  assert.ok(others.every(({ trends }) => trends.length === 0));
});

test("markCharts() puts the trend of a sampled gauge on its curve, and leaves level counts out", () => {
  const anonymous = { ...growing, name: "anonymous memory", verdict: "level" as const };
  const threads = { ...growing, name: "threads", unit: "count" as const, verdict: "level" as const };
  const marked = chartsWith([withTrends(anonymous, threads)]).filter(({ trends }) => trends.length > 0);
  assert.deepEqual(
    marked.map(({ title, trends }) => [title, trends.map(({ label }) => label)]),
    [["Memory of the target", ["trend level"]]],
  );
});

test("rangeOf() makes room for a limit that is near, and not for one that would flatten the curve", () => {
  const delays = (at: number) => {
    const chart = chartsWith([limited("held", "eventLoopDelayMs", at)]).at(-1);
    assert.ok(chart);
    return chart;
  };
  assert.ok(rangeOf(delays(200)).high > 200);
  assert.ok(rangeOf(delays(2000)).high < 1000);
  const axis = { fromMs: 0, toMs: 3000, phases: PHASES };
  assert.match(renderChart(delays(200), axis).text, /limitline.*limit 200 ms</s);
  const far = renderChart(delays(2000), axis).text;
  assert.match(far, /limit 2 s, above</);
  assert.doesNotMatch(far, /limitline/);
});

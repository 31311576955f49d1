/** Puts limits and trends on the curves that they belong to; a trend of what no sample shows gets a chart of its own. */
import { formatRate } from "../../units.ts";
import type { Finding, Trend } from "../finding.ts";
import type { Report } from "../report.ts";
import { describePace } from "../trend-words.ts";
import type { Chart, Limit, TrendLine } from "./chart.ts";

/** Which curve shows what a trend is of; every other name is that of a gauge of the target's own. */
const CURVES: Readonly<Record<string, string>> = {
  "anonymous memory": "targetAnonymousBytes",
  descriptors: "targetDescriptors",
  threads: "targetThreads",
  sockets: "targetSockets",
  processes: "targetProcesses",
};

export function markCharts(
  charts: readonly Chart[],
  { findings, phases }: Pick<Report, "findings" | "phases">,
): Chart[] {
  const trends = findings.flatMap((finding) => finding.trends ?? []).filter(tells);
  const curveOf = ({ name }: Trend) => CURVES[name] ?? name;
  const gauges = new Set(charts.flatMap(({ lines }) => lines.map(({ gauge }) => gauge)));
  const own = trends.filter((trend) => !gauges.has(curveOf(trend)));
  const marked = charts.map((chart) => {
    const shows = (gauge: string) => chart.lines.some((line) => line.gauge === gauge);
    const here = trends.filter((trend) => shows(curveOf(trend)));
    return {
      ...chart,
      limits: findings.flatMap((finding) => limitOf(finding, phases, chart) ?? []),
      trends: here.flatMap((trend) => trendLine(trend) ?? []),
      ...(here.length > 0 && { finding: here.map((trend) => `${trend.name} ${describe(trend)}`).join("; ") }),
    };
  });
  // what decides comes first
  return [...own.map(trendChart), ...marked];
}

/** Counts that are level are many, and flat. */
function tells({ unit, verdict, lines }: Trend): boolean {
  return lines !== null && (verdict === "growing" || unit === "bytes");
}

/** What has to come back is judged from the recovery on. */
function limitOf(finding: Finding, phases: Report["phases"], { lines }: Chart): Limit | null {
  const line = "measured" in finding ? finding.line : undefined;
  const curve = line && lines.find(({ gauge }) => gauge === line.gauge);
  if (!curve) return null;
  const recovery = phases.find(({ name }) => name.startsWith("recovery"));
  const fromMs = finding.group === "recovered" ? (recovery?.startMs ?? 0) : 0;
  return { of: curve.name, at: line.at, fromMs, broken: finding.outcome === "broken" };
}

function trendChart(trend: Trend): Chart {
  return {
    title: `What was left of ${trend.name}, at quiet points`,
    unit: trend.unit,
    lines: [{ name: trend.name, points: trend.floors, asked: false, gauge: null, dots: true }],
    limits: [],
    trends: [trendLine(trend) ?? []].flat(),
    finding: describe(trend),
  };
}

function trendLine(trend: Trend): TrendLine | null {
  const { floors, lines, verdict } = trend;
  const [first, last] = [floors[0], floors.at(-1)];
  if (!first || !last || !lines) return null;
  return { fromMs: first[0], toMs: last[0], lines, growing: verdict === "growing", label: labelOf(trend) };
}

function labelOf(trend: Trend): string {
  const { slope, per, verdict } = trend;
  return verdict === "growing" && slope !== null
    ? `trend +${formatRate(slope, trend.unit)} a ${per}`
    : `trend ${verdict}`;
}

function describe(trend: Trend): string {
  const { verdict, reason, per, smallestLeakExcluded } = trend;
  const pace = describePace(trend);
  if (verdict === "growing" && pace !== "") return `grows by ${pace}`;
  if (verdict === "level" && smallestLeakExcluded !== null)
    return `is level: a leak above ${formatRate(smallestLeakExcluded, trend.unit)} a ${per} would have been seen`;
  return `is ${verdict}: ${reason}`;
}

/** The numbers of a run that can be compared with another's: which way is worse, how sure they are, and what is too little to matter. */
import type { Sample } from "../host/gauges.ts";
import { type Interval, percentileInterval } from "../stats/percentile-interval.ts";
import { MIB, type Unit } from "../units.ts";
import type { Finding, Trend } from "./finding.ts";
import type { Report } from "./report.ts";

export interface Figure extends Interval {
  readonly name: string;
  readonly unit: Unit;
  readonly value: number;
  readonly worse: "more" | "less";
  /** A smaller difference says nothing, whatever share of the value it is. */
  readonly floor: number;
}

export interface Subject {
  readonly report: Report;
  readonly samples: readonly Sample[];
}

export function figuresOf({ report, samples }: Subject): Figure[] {
  const { findings, target } = report;
  return [
    ...findings.flatMap(figureOfFinding),
    ...findings.flatMap((finding) => (finding.trends ?? []).flatMap(figureOfTrend)),
    ...(target ? [...latencies(target, samples), ...holdings(target)] : []),
  ];
}

/** Of the limit: what is spent of it beyond that is more than one run differs from the next by chance. */
const SHARE_OF_LIMIT = 0.25;
const FLOORS: Readonly<Record<Unit, number>> = { bytes: MIB, ms: 5, share: 0.02, count: 1 };

/** One number a run, without an interval: the limit says what matters. */
function figureOfFinding(finding: Finding): Figure[] {
  if (!("measured" in finding) || finding.value === undefined || !finding.bound) return [];
  const { sentence: name, value, unit = "count", bound } = finding;
  const floor = Math.max(FLOORS[unit], SHARE_OF_LIMIT * Math.abs(bound.value));
  return [
    { name, unit, value, low: value, high: value, worse: bound.is === "atLeast" ? "less" : "more", floor },
  ];
}

/** Growth below the smallest leak that a run can see is none. */
function figureOfTrend({ name, unit, per, slope, low, high, smallestLeakExcluded }: Trend): Figure[] {
  if (slope === null || low === null || high === null) return [];
  const floor = smallestLeakExcluded ?? 0;
  return [{ name: `growth of ${name} a ${per}`, unit, value: slope, low, high, worse: "more", floor }];
}

const QUANTILES = [
  ["median", "p50", 0.5],
  ["95 %", "p95", 0.95],
  ["99 %", "p99", 0.99],
] as const;
/** What a timer of the kernel and a busy moment add to any answer, ms. */
const LATENCY_FLOOR_MS = 2;

function latencies({ health }: NonNullable<Report["target"]>, samples: readonly Sample[]): Figure[] {
  if (!health) return [];
  const loaded = samples.filter(({ phase }) => /^(load|hold)/.test(phase));
  const answers = loaded.flatMap(({ gauges }) => gauges.targetHealthMs ?? []);
  return QUANTILES.flatMap(([name, key, quantile]) => {
    const value = health.underLoad.latencyMs[key];
    // without samples nobody knows how sure it is
    if (value === null || answers.length === 0) return [];
    const interval = percentileInterval(answers, quantile);
    const about = { name: `time to answer under load, ${name}`, unit: "ms", worse: "more" } as const;
    return [{ ...about, value, ...interval, floor: LATENCY_FLOOR_MS }];
  });
}

/** What a healthy process differs by from start to start: see thresholds.ts. */
const HOLDINGS = [
  ["anonymousBytes", "anonymous memory", "bytes", 24 * MIB],
  ["descriptors", "descriptors", "count", 4],
  ["threads", "threads", "count", 4],
  ["processes", "processes", "count", 1],
] as const;

function holdings({ after }: NonNullable<Report["target"]>): Figure[] {
  return HOLDINGS.flatMap(([key, name, unit, floor]) => {
    const value = after?.[key];
    if (typeof value !== "number") return [];
    return [
      {
        name: `${name} of the target afterwards`,
        unit,
        value,
        low: value,
        high: value,
        worse: "more",
        floor,
      },
    ];
  });
}

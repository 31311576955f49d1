/** A report as Prometheus text for the node exporter's textfile collector: figures in base units, with the run's own end time. */
import type { Unit } from "../units.ts";
import type { Finding } from "./finding.ts";
import { outcomeOfRow } from "./matrix.ts";
import { type AnyReport, isMatrix, isRun } from "./read-report.ts";
import type { Report } from "./report.ts";

interface Line {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Every file has the same help for a name: the collector refuses anything else. */
const HELP = {
  proofload_run_end_timestamp_seconds: "When the run ended, in seconds since 1970.",
  proofload_run_duration_seconds: "How long the run took.",
  proofload_run_passed: "1 where the verdict is pass, else 0.",
  proofload_run_exit_code:
    "Exit code: 0 pass, 1 fail, 3 inconclusive, 70 error, 77 skipped, 130 and 143 interrupted.",
  proofload_run_verdict: "1 for the verdict of the run, 0 for every other.",
  proofload_finding_held:
    "1 where the invariant held, 0 where it broke; those that could not be measured are not here.",
  proofload_finding_value: "What was measured for an invariant: a count.",
  proofload_finding_value_bytes: "What was measured for an invariant.",
  proofload_finding_value_seconds: "What was measured for an invariant.",
  proofload_finding_value_ratio: "What was measured for an invariant.",
  proofload_finding_limit: "The limit of an invariant: a count.",
  proofload_finding_limit_bytes: "The limit of an invariant.",
  proofload_finding_limit_seconds: "The limit of an invariant.",
  proofload_finding_limit_ratio: "The limit of an invariant.",
  proofload_trend_bytes_per_second: "By how much a series of memory grew, by the fitted line.",
  proofload_trend_per_second: "By how much a count grew, by the fitted line.",
  proofload_answer_seconds: "How long the target's answers took at most, of this share of them.",
  proofload_unanswered: "Questions that the target did not answer.",
  proofload_rows: "Of stress-all and the fault matrix: how many parts ended so.",
} as const satisfies Record<string, string>;
type Metric = keyof typeof HELP;

const KINDS = ["pass", "fail", "inconclusive", "skipped", "interrupted", "error", "unfinished"] as const;

export function renderPrometheus(report: AnyReport): string {
  const lines = [...aboutRun(report), ...(isRun(report) ? aboutFindings(report) : aboutRows(report))];
  const metrics = Object.keys(HELP).filter((name) => lines.some(({ metric }) => metric === name));
  return metrics
    .flatMap((name) => [
      `# HELP ${name} ${HELP[name as Metric]}`,
      `# TYPE ${name} gauge`,
      ...uniqueSeries(lines.filter(({ metric }) => metric === name)).map(renderLine),
    ])
    .map((line) => `${line}\n`)
    .join("");
}

/** Two invariants with the same words are one series: the collector refuses a file that has it twice. */
function uniqueSeries(lines: readonly Line[]): Line[] {
  return [...new Map(lines.map((line) => [JSON.stringify(line.labels), line])).values()];
}

function line(metric: Metric, labels: Line["labels"], value: number | null | undefined): Line[] {
  return typeof value === "number" ? [{ metric, labels, value }] : [];
}

function aboutRun({ scenario, endedAt, durationMs, verdict, exitCode }: AnyReport): Line[] {
  const labels = { scenario };
  return [
    ...line(
      "proofload_run_end_timestamp_seconds",
      labels,
      endedAt === null ? null : Date.parse(endedAt) / 1000,
    ),
    ...line("proofload_run_duration_seconds", labels, durationMs === null ? null : durationMs / 1000),
    ...line("proofload_run_passed", labels, verdict.kind === "pass" ? 1 : 0),
    ...line("proofload_run_exit_code", labels, exitCode),
    ...KINDS.flatMap((kind) =>
      line("proofload_run_verdict", { scenario, verdict: kind }, verdict.kind === kind ? 1 : 0),
    ),
  ];
}

function aboutFindings({ scenario, findings, target }: Report): Line[] {
  const { underLoad } = target?.health ?? {};
  const latency = Object.entries({ "0.5": "p50", "0.95": "p95", "0.99": "p99", "1": "max" } as const);
  return [
    ...findings.flatMap((finding) => aboutFinding(scenario, finding)),
    ...(underLoad ? latency : []).flatMap(([share, key]) => {
      const ms = underLoad?.latencyMs[key];
      return line("proofload_answer_seconds", { scenario, share }, typeof ms === "number" ? ms / 1000 : null);
    }),
    ...line("proofload_unanswered", { scenario }, underLoad?.failed),
  ];
}

function aboutFinding(scenario: string, finding: Finding): Line[] {
  const labels = { scenario, group: finding.group, invariant: finding.sentence };
  const trends = (finding.trends ?? []).flatMap(({ name, unit, slopePerHour }) =>
    line(
      unit === "bytes" ? "proofload_trend_bytes_per_second" : "proofload_trend_per_second",
      { scenario, series: name },
      slopePerHour === null ? null : slopePerHour / 3600,
    ),
  );
  if (!("measured" in finding)) return trends;
  const { value, unit = "count", bound, outcome } = finding;
  return [
    ...line("proofload_finding_held", labels, outcome === "held" ? 1 : 0),
    ...line(`proofload_finding_value${SUFFIX[unit]}`, labels, inBase(value, unit)),
    ...line(`proofload_finding_limit${SUFFIX[unit]}`, labels, inBase(bound?.value, unit)),
    ...trends,
  ];
}

/** OpenMetrics has the unit at the end of the name; a count has none. */
const SUFFIX = { bytes: "_bytes", ms: "_seconds", share: "_ratio", count: "" } as const;

function inBase(value: number | undefined, unit: Unit): number | undefined {
  return value !== undefined && unit === "ms" ? value / 1000 : value;
}

/** Of the matrix what came of each trial: that a fault made its scenario fail is what was wanted. */
function aboutRows(report: Exclude<AnyReport, Report>): Line[] {
  const outcomes = isMatrix(report) ? report.rows.map(outcomeOfRow) : report.rows.map(({ kind }) => kind);
  return [...new Set<string>(outcomes)].flatMap((outcome) =>
    line(
      "proofload_rows",
      { scenario: report.scenario, outcome },
      outcomes.filter((one) => one === outcome).length,
    ),
  );
}

function renderLine({ metric, labels, value }: Line): string {
  const told = Object.entries(labels).map(([name, text]) => `${name}="${escapeLabel(text)}"`);
  return `${metric}{${told.join(",")}} ${value}`;
}

/** https://prometheus.io/docs/instrumenting/exposition_formats: a backslash before itself, quotes and line feeds. */
function escapeLabel(text: string): string {
  return text.toWellFormed().replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
}

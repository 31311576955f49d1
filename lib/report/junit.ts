/** A report as JUnit XML: an invariant is a test case, and a run that proves nothing is an error, never green. */

import type { Finding } from "./finding.ts";
import { type Matrix, outcomeOfRow } from "./matrix.ts";
import { type AnyReport, isMatrix, isRun } from "./read-report.ts";
import type { Report } from "./report.ts";
import type { Suite } from "./suite.ts";
import { element, escapeXml } from "./xml.ts";

type Result = "passed" | "failure" | "error" | "skipped";

interface Case {
  readonly name: string;
  readonly result: Result;
  /** Why it did not pass, in a line. */
  readonly message: string;
  readonly more?: readonly string[];
  readonly tookMs?: number;
}

/** `partOf` finds the report of a row of stress-all: its invariants are then the test cases. */
export function renderJunit(report: AnyReport, partOf: (run: string) => Report | null = () => null): string {
  const suites = isRun(report)
    ? [suiteOfRun(report)]
    : [...(isMatrix(report) ? suitesOfMatrix(report) : suitesOfAll(report, partOf)), suiteOfWhole(report)];
  // how many were skipped has no place here in the schema that most readers share
  const { skipped: _, ...totals } = count(suites.flatMap(({ cases }) => cases));
  const root = element(
    "testsuites",
    { name: `proofload ${report.scenario}`, ...totals, time: seconds(report.durationMs) },
    suites.map(renderSuite),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

interface TestSuite {
  readonly name: string;
  readonly startedAt: string;
  readonly durationMs: number | null;
  readonly hostname: string | null;
  readonly cases: readonly Case[];
}

function renderSuite({ name, startedAt, durationMs, hostname, cases }: TestSuite): string {
  // the schema that most readers share wants no zone
  const timestamp = startedAt.slice(0, 19);
  const attributes = { name, timestamp, hostname, ...count(cases), time: seconds(durationMs) };
  return element(
    "testsuite",
    attributes,
    cases.map((one) => renderCase(name, one)),
  );
}

function renderCase(suite: string, { name, result, message, more = [], tookMs = 0 }: Case): string {
  const attributes = { classname: `proofload.${suite}`, name, time: seconds(tookMs) };
  if (result === "passed") return element("testcase", attributes);
  const text = more.length > 0 ? [escapeXml(more.join("\n"))] : [];
  const type = result === "skipped" ? null : result;
  return element("testcase", attributes, [element(result, { message, type }, text)]);
}

function suiteOfRun({ scenario, startedAt, durationMs, host, findings, verdict, notes }: Report): TestSuite {
  const cases = [...findings.map(caseOf), { name: "verdict", ...judged(verdict), more: notes }];
  return { name: scenario, startedAt, durationMs, hostname: host.hostname, cases };
}

function caseOf(finding: Finding): Case {
  const { sentence: name, outcome } = finding;
  if (!("measured" in finding)) return { name, result: "skipped", message: `${outcome}: ${finding.reason}` };
  const message = `measured ${finding.measured}, limit ${finding.limit}`;
  return { name, result: outcome === "held" ? "passed" : "failure", message, more: finding.evidence };
}

/** A run that proves nothing is an error, also where no invariant says so. */
function judged({
  kind,
  sentence,
}: {
  readonly kind: string;
  readonly sentence: string;
}): Pick<Case, "result" | "message"> {
  const results: Readonly<Record<string, Result>> = { pass: "passed", fail: "failure", skipped: "skipped" };
  return { result: results[kind] ?? "error", message: `${kind}: ${sentence}` };
}

/** Also of one that was killed before its first part had ended. */
function suiteOfWhole({ scenario, startedAt, durationMs, verdict }: Suite | Matrix): TestSuite {
  return {
    name: scenario,
    startedAt,
    durationMs,
    hostname: null,
    cases: [{ name: "verdict", ...judged(verdict) }],
  };
}

function suitesOfAll({ rows, startedAt }: Suite, partOf: (run: string) => Report | null): TestSuite[] {
  return rows.map(({ scenario, kind, sentence, tookMs, run }) => {
    const part = run === null ? null : partOf(run);
    if (part) return suiteOfRun(part);
    const cases = [{ name: "verdict", ...judged({ kind, sentence }), tookMs }];
    return { name: scenario, startedAt, durationMs: tookMs, hostname: null, cases };
  });
}

const RESULTS = {
  ...{ caught: "passed", silent: "passed", undecided: "error", skipped: "skipped" },
  ...{ missed: "failure", "false alarm": "failure" },
} as const satisfies Readonly<Record<ReturnType<typeof outcomeOfRow>, Result>>;

function suitesOfMatrix({ rows, startedAt }: Matrix): TestSuite[] {
  return [...new Set(rows.map(({ scenario }) => scenario))].map((name) => {
    const own = rows.filter(({ scenario }) => scenario === name);
    const cases = own.map((row, index): Case => {
      const outcome = outcomeOfRow(row);
      // of several of one name some readers show the first
      const name = `${index + 1}: ${row.planted} ${row.name}`;
      return { name, result: RESULTS[outcome], message: `${outcome}: ${row.sentence}`, tookMs: row.tookMs };
    });
    const durationMs = own.reduce((total, { tookMs }) => total + tookMs, 0);
    return { name, startedAt, durationMs, hostname: null, cases };
  });
}

function count(cases: readonly Case[]) {
  const of = (result: Result) => cases.filter((one) => one.result === result).length;
  return { tests: cases.length, failures: of("failure"), errors: of("error"), skipped: of("skipped") };
}

function seconds(ms: number | null): string {
  return ((ms ?? 0) / 1000).toFixed(3);
}

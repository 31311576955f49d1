/** What GitHub Actions shows of a run: annotations, as workflow commands, and the job's summary. */
import { appendFileSync, statSync } from "node:fs";
import type { Finding } from "./finding.ts";
import { type MatrixRow, outcomeOfRow } from "./matrix.ts";
import { inOrder } from "./order.ts";
import { type AnyReport, isMatrix, isRun } from "./read-report.ts";

/** GitHub shows no more than ten of each kind for a step. */
const MOST_ANNOTATIONS = 10;
/** It refuses a summary of more than 1 MiB for a step, with all that is in it. */
const MOST_SUMMARY_BYTES = 900 * 1024;

/** A line each, to be printed as they are. */
export function annotate(report: AnyReport): string[] {
  const { scenario, verdict } = report;
  if (verdict.kind === "pass" || verdict.kind === "skipped") return [];
  const head = command("error", `${scenario}: ${verdict.kind}`, verdict.sentence);
  const more = isRun(report)
    ? inOrder(report.findings).flatMap((finding) => annotateFinding(scenario, finding))
    : isMatrix(report)
      ? report.rows.flatMap((row) => annotateTrial(row))
      : report.rows
          .filter(({ kind }) => kind !== "pass" && kind !== "skipped")
          .map((row) => command("error", `${row.scenario}: ${row.kind}`, row.sentence));
  return [head, ...more].slice(0, MOST_ANNOTATIONS);
}

function annotateFinding(scenario: string, finding: Finding): string[] {
  const title = `${scenario}: ${finding.sentence}`;
  if (finding.outcome === "broken")
    return [command("error", title, `measured ${finding.measured}, limit ${finding.limit}`)];
  return finding.outcome === "unknown" ? [command("warning", title, finding.reason)] : [];
}

/** A fault that was caught is what was wanted; what cannot be tried here is no mistake of anybody. */
function annotateTrial(row: MatrixRow): string[] {
  const outcome = outcomeOfRow(row);
  if (["caught", "silent", "skipped"].includes(outcome)) return [];
  return [command("error", `${row.scenario} ${row.name}: ${outcome}`, row.sentence)];
}

function command(kind: "error" | "warning", title: string, message: string): string {
  return `::${kind} title=${escapeProperty(title)}::${escapeData(message)}`;
}

/** https://github.com/actions/toolkit, command.ts: a new line would begin another command. */
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** Cut at a line where it is longer than what is left of the limit. */
export function shortenSummary(markdown: string, written = 0): string {
  const bytes = Buffer.from(markdown);
  const room = Math.max(0, MOST_SUMMARY_BYTES - written);
  if (bytes.length <= room) return markdown;
  const whole = bytes.subarray(0, bytes.lastIndexOf("\n", room) + 1).toString("utf8");
  return `${whole}\n… the rest is in report.md\n`;
}

/** To the file that GitHub names. */
export function appendSummary(path: string, markdown: string): void {
  const written = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  appendFileSync(path, shortenSummary(markdown, written));
}

/**
 * Text that people read in a job's log, without what the runner would obey: "::" at the start of a line, and "##[" anywhere. A
 * blank of no width stands between.
 */
export function disarm(text: string): string {
  return text.replace(/^(\s*:)(?=:)/gm, "$1\u200B").replaceAll("##[", "##\u200B[");
}

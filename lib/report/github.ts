/** What GitHub Actions shows of a run: annotations, as workflow commands, and the job's summary. */
import { appendFileSync } from "node:fs";
import type { Finding } from "./finding.ts";
import { inOrder } from "./order.ts";
import { type AnyReport, isRun } from "./read-report.ts";

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

/** Cut at a line where it is too long. */
export function shortenSummary(markdown: string): string {
  const bytes = Buffer.from(markdown);
  if (bytes.length <= MOST_SUMMARY_BYTES) return markdown;
  const whole = bytes.subarray(0, bytes.lastIndexOf("\n", MOST_SUMMARY_BYTES) + 1).toString("utf8");
  return `${whole}\n… the rest is in report.md\n`;
}

/** To the file that GitHub names. */
export function appendSummary(path: string, markdown: string): void {
  appendFileSync(path, shortenSummary(markdown));
}

/** A run that did not pass as plain text for a mail: where, what broke, and how to see it again. */
import { explainBroken, isBroken } from "./explain.ts";
import { shellCommand } from "./repeat.ts";
import type { Report } from "./report.ts";
import { renderSummary } from "./terminal.ts";
import { clean, wrap } from "./terminal-text.ts";

/** What most mail programs show without breaking lines. */
const WIDTH = 76;
/** Of what stayed and the like: the report has all. */
const MOST_EVIDENCE = 5;

export function renderMail(report: Report, path: string): string {
  const broken = report.findings
    .filter(isBroken)
    .flatMap((finding) => [
      "",
      ...wrap(`Not so: ${finding.sentence}`, WIDTH),
      ...explainBroken(finding, report, []).flatMap(({ label, text }) => indent(`${label}: ${text}`)),
      ...finding.evidence.slice(0, MOST_EVIDENCE).flatMap((line) => indent(`- ${line}`)),
      ...(finding.evidence.length > MOST_EVIDENCE
        ? indent(`- and ${finding.evidence.length - MOST_EVIDENCE} more lines in the report`)
        : []),
    ]);
  return [
    clean(`${report.scenario} on ${report.host.hostname}, ${report.startedAt}`),
    "",
    renderSummary(report, path, WIDTH),
    ...broken,
    "",
    `Try it again: ${shellCommand(report)}`,
  ].join("\n");
}

function indent(text: string): string[] {
  return wrap(text, WIDTH - 2).map((line) => `  ${line}`);
}

/** A report as Markdown, for mail and job summaries: the verdict first, then what broke, then whether to trust it. */
import { formatDuration } from "../units.ts";
import { describeRun, describeTrust, tabulateLoads } from "./content.ts";
import { explainBroken, isBroken } from "./explain.ts";
import { type PastRun, tellEarlier } from "./history.ts";
import { splitQuoted } from "./last-words.ts";
import { codeBlock, escapedTable, escapeMarkdown, markdownTable } from "./markdown-text.ts";
import { inOrder, MARKS, outcomeOf } from "./order.ts";
import type { Report } from "./report.ts";
import { describeTarget } from "./target-markdown.ts";

/** `earlier`: runs of the same scenario, oldest first. */
export function renderMarkdown(report: Report, earlier: readonly PastRun[] = []): string {
  const before = tellEarlier(earlier, report.verdict.kind);
  const sections = [
    head(report),
    before && `Before: ${before}`,
    findings(report),
    brokenOnes(report),
    otherEvidence(report),
    loads(report),
    describeTarget(report.target),
    phases(report),
    trust(report),
    settings(report),
    notes(report),
  ];
  return `${sections.filter(Boolean).join("\n\n")}\n`;
}

function head(report: Report): string {
  const { scenario, verdict } = report;
  const title = `# ${MARKS[verdict.kind]} ${verdict.kind.toUpperCase()} ${scenario}`;
  const { sentence, quoted } = splitQuoted(verdict.sentence);
  const said = quoted.length > 0 ? `\n\n${codeBlock(quoted.join("\n"))}` : "";
  return `${title}\n\n${escapeMarkdown(sentence)}${said}\n\n${describeRun(report).map(escapeMarkdown).join(" · ")}`;
}

function findings({ findings }: Report): string {
  if (findings.length === 0) return "";
  const rows = inOrder(findings).map((finding) => {
    const { measured, limit } = outcomeOf(finding);
    return [
      MARKS[finding.outcome],
      escapeMarkdown(finding.sentence),
      escapeMarkdown(measured),
      escapeMarkdown(limit),
    ];
  });
  return markdownTable(["", "Invariant", "Measured", "Limit"], rows);
}

function brokenOnes(report: Report): string {
  const sections = report.findings.filter(isBroken).map((finding) => {
    const parts = explainBroken(finding, report, []).map(
      ({ label, text }) => `**${label}.** ${escapeMarkdown(text)}.`,
    );
    const evidence = finding.evidence.map((line) => `- ${escapeMarkdown(line)}`).join("\n");
    return [`## ❌ ${escapeMarkdown(finding.sentence)}`, ...parts, evidence].filter(Boolean).join("\n\n");
  });
  return sections.join("\n\n");
}

function otherEvidence({ findings }: Report): string {
  const sections = findings.flatMap((finding) => {
    if (finding.outcome !== "held" || finding.evidence.length === 0) return [];
    return [
      `- ${escapeMarkdown(finding.sentence)}\n${finding.evidence.map((line) => `  - ${escapeMarkdown(line)}`).join("\n")}`,
    ];
  });
  return sections.length === 0 ? "" : `## Evidence\n\n${sections.join("\n")}`;
}

function loads({ loads, guard }: Report): string {
  if (loads.length === 0) return "";
  const ended = guard ? `\n\nThe guard ended the load: ${escapeMarkdown(guard)}.` : "";
  return `## Load\n\n${escapedTable(tabulateLoads(loads))}${ended}`;
}

function phases({ phases }: Report): string {
  if (phases.length === 0) return "";
  const rows = phases.map(({ name, startMs, endMs }) => [
    escapeMarkdown(name),
    formatDuration(startMs),
    endMs === null ? "not ended" : formatDuration(endMs - startMs),
  ]);
  return `## Phases\n\n${markdownTable(["Phase", "From", "For"], rows)}`;
}

function trust({ sampling }: Report): string {
  if (!sampling) return "";
  const bullets = describeTrust(sampling).map((line) => `- ${escapeMarkdown(line)}`);
  return `## Can this run be trusted\n\n${bullets.join("\n")}`;
}

function settings({ settings }: Report): string {
  const rows = settings.map(({ name, value, source }) => [
    `\`--${name}\``,
    escapeMarkdown(value),
    escapeMarkdown(source),
  ]);
  return `## Settings\n\n${markdownTable(["Option", "Value", "From"], rows)}`;
}

function notes({ notes }: Report): string {
  return notes.length === 0
    ? ""
    : `## Notes\n\n${notes.map((note) => `- ${escapeMarkdown(note)}`).join("\n")}`;
}

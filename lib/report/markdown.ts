/** A report as Markdown, for mail and job summaries: the verdict first, then what broke, then whether to trust it. */
import { formatAmount, formatBytes, formatDuration, formatShare } from "../units.ts";
import { splitQuoted } from "./last-words.ts";
import { codeBlock, escapeMarkdown, markdownTable } from "./markdown-text.ts";
import { inOrder, MARKS, outcomeOf } from "./order.ts";
import type { Report } from "./report.ts";
import { describeTarget } from "./target-markdown.ts";

export function renderMarkdown(report: Report): string {
  const sections = [
    head(report),
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

function head({ scenario, verdict, startedAt, durationMs, profile, seed, host, exitCode }: Report): string {
  const facts = [
    startedAt,
    durationMs !== null && formatDuration(durationMs),
    `profile ${profile.name} (${profile.because})`,
    `seed ${seed}`,
    `${host.runtime.name} ${host.runtime.version} on ${host.hostname}, ${host.allowedCpus.length} processors, ${formatBytes(host.memoryLimitBytes)}`,
    exitCode !== null && `exit code ${exitCode}`,
  ];
  const title = `# ${MARKS[verdict.kind]} ${verdict.kind.toUpperCase()} ${scenario}`;
  const { sentence, quoted } = splitQuoted(verdict.sentence);
  const said = quoted.length > 0 ? `\n\n${codeBlock(quoted.join("\n"))}` : "";
  return `${title}\n\n${escapeMarkdown(sentence)}${said}\n\n${facts.filter(Boolean).map(String).map(escapeMarkdown).join(" · ")}`;
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

function brokenOnes({ findings }: Report): string {
  const sections = findings.flatMap((finding) => {
    if (finding.outcome !== "broken") return [];
    const lines = [`measured ${finding.measured}, limit ${finding.limit}`, ...finding.evidence];
    return [
      `## ❌ ${escapeMarkdown(finding.sentence)}\n\n${lines.map((line) => `- ${escapeMarkdown(line)}`).join("\n")}`,
    ];
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
  const rows = loads.map(({ stressor, unit, asked, held, released, forced, died }) => [
    escapeMarkdown(stressor),
    formatAmount(asked, unit),
    formatAmount(held, unit),
    `${released} let go${forced ? `, ${forced} forced` : ""}${died.length ? `, ${died.length} died: ${escapeMarkdown(died.join("; "))}` : ""}`,
  ]);
  const ended = guard ? `\n\nThe guard ended the load: ${escapeMarkdown(guard)}.` : "";
  return `## Load\n\n${markdownTable(["Stressor", "Asked", "Held", "Threads"], rows)}${ended}`;
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
  const { lateMs, unreadable } = sampling;
  const lines = [
    `${sampling.taken} of ${sampling.due} samples taken, every ${formatDuration(sampling.intervalMs)}`,
    lateMs.max !== null &&
      `late by ${formatDuration(lateMs.p50 ?? 0)} (median), ${formatDuration(lateMs.p99 ?? 0)} (99 %), ${formatDuration(lateMs.max)} (most)`,
    sampling.samplerShare !== null && `sampling cost ${formatShare(sampling.samplerShare)} of a core`,
    sampling.mainThreadShare !== null && `the whole main thread ${formatShare(sampling.mainThreadShare)}`,
    sampling.busyBeforeShare !== null &&
      `processors ${formatShare(sampling.busyBeforeShare)} busy before the load`,
    sampling.stealShare !== null &&
      `${formatShare(sampling.stealShare)} of the processors' time was stolen by the hypervisor`,
    sampling.throttledMs && `${formatDuration(sampling.throttledMs)} throttled by the control group`,
    sampling.unwritten > 0 && `${sampling.unwritten} samples could not be written to samples.ndjson`,
    ...Object.entries(unreadable).map(([gauge, reason]) => `${gauge} could not be read: ${reason}`),
  ];
  const bullets = lines.filter((line) => typeof line === "string").map((line) => `- ${escapeMarkdown(line)}`);
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

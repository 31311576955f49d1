/** The target of a run as Markdown: who it was, how it answered, what it held before and afterwards, its last words. */
import { codeBlock, escapedTable, escapeMarkdown } from "./markdown-text.ts";
import type { Report } from "./report.ts";
import { headStayed, identifyTarget, type Target, tabulateAnswers, tabulateHeld } from "./target-content.ts";

export function describeTarget(target: Report["target"]): string {
  if (!target) return "";
  const { health } = target;
  const sections = [
    identifyTarget(target).map(escapeMarkdown).join(" · "),
    health && escapedTable(tabulateAnswers(health)),
    escapedTable(tabulateHeld(target)),
    stayed(target),
    lastWords(target),
  ];
  return `## Target\n\n${sections.filter(Boolean).join("\n\n")}`;
}

function stayed(target: Target): string {
  if (target.stayed.length === 0) return "";
  return `${headStayed(target)}\n\n${target.stayed.map((line) => `- ${escapeMarkdown(line)}`).join("\n")}`;
}

function lastWords({ died, lastLines }: Target): string {
  return died && lastLines.length > 0 ? `Its last words:\n\n${codeBlock(lastLines.join("\n"))}` : "";
}

/** What a report says of the target: who it was, how it answered, what it held before and afterwards, its last words. */
import { formatAmount, formatDuration, type Unit } from "../units.ts";
import { codeBlock, escapeMarkdown, markdownTable } from "./markdown-text.ts";
import type { Report } from "./report.ts";

type Target = NonNullable<Report["target"]>;

const HELD: readonly (readonly [key: keyof Target["before"], label: string, unit: Unit])[] = [
  ["liveBytes", "live bytes, after a collection", "bytes"],
  ["anonymousBytes", "anonymous memory", "bytes"],
  ["rssBytes", "resident memory", "bytes"],
  ["descriptors", "descriptors", "count"],
  ["threads", "threads", "count"],
  ["sockets", "TCP connections", "count"],
  ["processes", "processes", "count"],
];

export function describeTarget(target: Report["target"]): string {
  if (!target) return "";
  const sections = [identity(target), answers(target), held(target), stayed(target), lastWords(target)];
  return `## Target\n\n${sections.filter(Boolean).join("\n\n")}`;
}

function identity({ name, command, pid, url, readyAfterMs }: Target): string {
  const facts = [
    name,
    command?.join(" "),
    pid !== null && `pid ${pid}`,
    url,
    command && `up after ${formatDuration(readyAfterMs)}`,
  ];
  return [...new Set(facts.filter(Boolean).map(String))].map(escapeMarkdown).join(" · ");
}

function answers({ health }: Target): string {
  if (!health) return "";
  const rows = Object.entries({ "under load": health.underLoad, afterwards: health.afterwards }).map(
    ([when, { asked, failed, latencyMs, longestOutageMs }]) => [
      when,
      `${asked - failed} of ${asked}`,
      ...[latencyMs.p50, latencyMs.p99, latencyMs.max].map((ms) => (ms === null ? "" : formatDuration(ms))),
      formatDuration(longestOutageMs),
    ],
  );
  return markdownTable(["Answers", "Answered", "Median", "99 %", "Slowest", "Longest outage"], rows);
}

function held({ before, after }: Target): string {
  const show = (value: number | null | undefined, unit: Unit) =>
    typeof value === "number" ? formatAmount(value, unit) : "";
  const rows = HELD.filter(([key]) => before[key] !== null).map(([key, label, unit]) => [
    label,
    show(before[key], unit),
    show(after?.[key], unit),
  ]);
  return markdownTable(["It held", "Before", "Afterwards"], rows);
}

function stayed({ stayed }: Target): string {
  if (stayed.length === 0) return "";
  return `What is there afterwards and was not before:\n\n${stayed.map((line) => `- ${escapeMarkdown(line)}`).join("\n")}`;
}

function lastWords({ died, lastLines }: Target): string {
  return died && lastLines.length > 0 ? `Its last words:\n\n${codeBlock(lastLines.join("\n"))}` : "";
}

/** A report as at most 25 lines of 80 columns: for a person who has just waited for it. */
import { styleText } from "node:util";
import stringWidth from "string-width";
import { formatDuration } from "../units.ts";
import type { Finding } from "./finding.ts";
import { splitQuoted, tellingLines } from "./last-words.ts";
import { inOrder, MARKS, outcomeOf } from "./order.ts";
import type { Report, Verdict } from "./report.ts";
import { clean, clip, padEnd, wrap } from "./terminal-text.ts";

const MAX_LINES = 25;
/** Of those, for the verdict's sentence and for each of the notes. */
const MAX_SENTENCE_LINES = 4;
const MAX_NOTES = 3;
/** Of a program's last words, which stand below the sentence. */
const MAX_QUOTED = 5;

/**
 * Broken invariants come last, where the eye is when the prompt returns. `path` leads to the report; `curves` are lines that
 * stand first.
 */
export function renderSummary(
  report: Report,
  path: string,
  width: number,
  curves: readonly string[] = [],
): string {
  const { scenario, verdict, durationMs, profile, seed } = report;
  const facts = `(${formatDuration(durationMs ?? 0)} · profile ${profile.name} · seed ${seed})`;
  const kind = verdict.kind.toUpperCase();
  const [head = "", ...more] = wrap(`${kind} ${scenario} ${facts}`, width - 3);
  const { sentence, quoted } = splitQuoted(verdict.sentence);
  const below = [
    `${MARKS[verdict.kind]} ${head.replace(kind, paint(verdict.kind, kind))}`,
    ...more,
    ...wrap(sentence, width).slice(0, MAX_SENTENCE_LINES),
    ...tellingLines(quoted, MAX_QUOTED).map((line) => clip(`  | ${clean(line)}`, width)),
    ...report.notes.slice(0, MAX_NOTES).map((note) => clip(clean(note), width)),
    `Report: ${path}`,
  ];
  const room = MAX_LINES - below.length - curves.length;
  return [...curves, ...findingLines(report.findings, width, room), ...below].join("\n");
}

function findingLines(findings: readonly Finding[], width: number, room: number): string[] {
  const ordered = inOrder(findings).reverse();
  if (ordered.length <= room) return ordered.map((finding) => findingLine(finding, width));
  const left = ordered.slice(0, 1 - room);
  const outcomes = [...new Set(left.map(({ outcome }) => outcome))].join(" or ");
  const shown = ordered.slice(1 - room).map((finding) => findingLine(finding, width));
  return [`… and ${left.length} more: ${outcomes}`, ...shown];
}

function findingLine(finding: Finding, width: number): string {
  const { measured, limit } = outcomeOf(finding);
  const right = clean(limit ? `${measured}  (${limit})` : measured);
  const room = width - 3;
  const sentence = clean(finding.sentence);
  const leftWidth = Math.min(stringWidth(sentence), Math.max(20, room - stringWidth(right) - 2));
  const shown = clip(right, Math.max(10, room - leftWidth - 2));
  const left = padEnd(clip(sentence, leftWidth), room - stringWidth(shown));
  // the mark is one character or two, and two columns wide either way
  return `${MARKS[finding.outcome]} ${left}${shown}`;
}

const COLOURS: Partial<Record<Verdict["kind"], "green" | "red" | "yellow">> = {
  pass: "green",
  fail: "red",
  error: "red",
  inconclusive: "yellow",
  interrupted: "yellow",
};

/** styleText honours NO_COLOR and a stream that is no terminal, from Node 22.13 on; here it is asked explicitly. */
function paint(kind: Verdict["kind"], text: string): string {
  const colour = COLOURS[kind];
  const wanted = process.stdout.isTTY && !process.env.NO_COLOR;
  return colour && wanted ? styleText(colour, text) : text;
}

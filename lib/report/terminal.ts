/** A report as at most 25 lines of 80 columns: for a person who has just waited for it. */
import { styleText } from "node:util";
import { formatDuration } from "../units.ts";
import { inOrder, MARKS, outcomeOf } from "./order.ts";
import type { Finding, Report, Verdict } from "./report.ts";

const MAX_LINES = 25;
/** Beside the findings: verdict, sentence, run, path and two blank lines. */
const FRAME_LINES = 6;

/** Broken invariants come last, where the eye is when the prompt returns. `path` leads to the report. */
export function renderSummary(report: Report, path: string, width: number): string {
  const { scenario, verdict, durationMs, profile, seed } = report;
  const head = `${MARKS[verdict.kind]} ${paint(verdict.kind, verdict.kind.toUpperCase())} ${scenario}`;
  const facts = `${formatDuration(durationMs ?? 0)} · profile ${profile.name} · seed ${seed}`;
  return [
    ...findingLines(report.findings, width),
    `${head} (${facts})`,
    ...wrap(verdict.sentence, width),
    ...report.notes.slice(0, 3).flatMap((note) => wrap(note, width)),
    `Report: ${path}`,
  ].join("\n");
}

function findingLines(findings: readonly Finding[], width: number): string[] {
  const ordered = inOrder(findings).reverse();
  const room = MAX_LINES - FRAME_LINES;
  const lines = ordered.map((finding) => findingLine(finding, width));
  const cut = Math.max(0, lines.length - room);
  return cut === 0 ? lines : [`… and ${cut + 1} more that held`, ...lines.slice(cut + 1)];
}

function findingLine(finding: Finding, width: number): string {
  const { measured, limit } = outcomeOf(finding);
  const right = limit ? `${measured}  (${limit})` : measured;
  const room = width - 3;
  const left = clip(finding.sentence, Math.max(20, room - right.length - 2));
  const gap = " ".repeat(Math.max(2, room - left.length - right.length));
  return `${MARKS[finding.outcome].padEnd(2)} ${left}${gap}${clip(right, Math.max(10, room - left.length - 2))}`;
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

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Breaks at spaces, and where a single word is longer than the line lets it be. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

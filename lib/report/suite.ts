/** The report of stress-all: what each scenario concluded, and the worst of it. */
import { z } from "zod";
import { formatDuration } from "../units.ts";
import { escapeMarkdown, markdownTable } from "./markdown-text.ts";
import { MARKS } from "./order.ts";
import { wrap } from "./terminal-text.ts";
import { EXIT } from "./verdict.ts";

const kind = z.enum(["pass", "fail", "inconclusive", "skipped", "interrupted", "error"]);

export const suiteSchema = z.object({
  schemaVersion: z.literal(1),
  scenario: z.literal("stress-all"),
  run: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  durationMs: z.number().nullable(),
  budgetMs: z.number(),
  verdict: z.object({ kind: z.enum([...kind.options, "unfinished"]), sentence: z.string() }),
  exitCode: z.int().nullable(),
  rows: z.array(
    z.object({
      scenario: z.string(),
      kind,
      sentence: z.string(),
      exitCode: z.int().nullable(),
      tookMs: z.number(),
      budgetMs: z.number(),
      /** The folder of its report below the reports folder; null where it left none. */
      run: z.string().nullable(),
      /** What the budget shrank, "hold 2 s": what was concluded holds for that. */
      shrunk: z.array(z.string()),
    }),
  ),
});

export type Suite = z.infer<typeof suiteSchema>;
export type SuiteRow = Suite["rows"][number];
type SuiteKind = SuiteRow["kind"];

/** From worst to best. A part that was skipped does not spoil a pass. */
const SEVERITY: readonly SuiteKind[] = ["error", "fail", "interrupted", "inconclusive", "pass", "skipped"];

/** The worst verdict wins; nothing run at all is skipped. */
export function judgeSuite(rows: readonly SuiteRow[]): { kind: SuiteKind; sentence: string } {
  const count = (wanted: SuiteKind) => rows.filter((row) => row.kind === wanted).length;
  const worst = SEVERITY.find((candidate) => count(candidate) > 0) ?? "skipped";
  const counts = SEVERITY.filter((each) => count(each) > 0).map((each) => `${count(each)} ${each}`);
  return { kind: worst, sentence: `${rows.length} scenarios: ${counts.join(", ") || "none"}.` };
}

/** An interrupted suite has the signal's own code, which the interrupted scenario ended with. */
export function exitCodeOfSuite(worst: SuiteKind, rows: readonly SuiteRow[]): number {
  if (worst !== "interrupted") return EXIT[worst];
  return rows.find((row) => row.kind === "interrupted")?.exitCode ?? EXIT.SIGTERM;
}

export function renderSuiteMarkdown({ verdict, startedAt, durationMs, rows }: Suite): string {
  const table = rows.map(({ scenario, kind, sentence, tookMs, run, shrunk }) => [
    `${MARKS[kind]} ${kind}`,
    run ? `[${escapeMarkdown(scenario)}](../../${run}/report.md)` : escapeMarkdown(scenario),
    formatDuration(tookMs),
    escapeMarkdown(sentence),
    escapeMarkdown(shrunk.join(", ") || "full size"),
  ]);
  return [
    `# ${MARKS[verdict.kind]} ${verdict.kind.toUpperCase()} stress-all`,
    escapeMarkdown(verdict.sentence),
    `${startedAt}${durationMs === null ? "" : ` · ${formatDuration(durationMs)}`}`,
    markdownTable(["Verdict", "Scenario", "Took", "Why", "Concluded at"], table),
    "",
  ].join("\n\n");
}

/** A line a scenario, with the size that it was concluded at and what went wrong; the worst verdict last. */
export function renderSuiteTable({ verdict, durationMs, rows }: Suite, path: string, width: number): string {
  const nameWidth = Math.max(...rows.map(({ scenario }) => scenario.length), 8);
  const lines = rows.flatMap(({ scenario, kind, sentence, tookMs, shrunk }) => {
    // the mark is one character or two, and two columns wide either way
    const head = `${MARKS[kind]} ${scenario.padEnd(nameWidth)} ${kind.padEnd(12)} ${formatDuration(tookMs).padStart(7)}`;
    const size = shrunk.length === 0 ? "full size" : `at ${shrunk.join(", ")}`;
    const fits = head.length + size.length + 3 <= width;
    const below = [...(fits ? [] : [size]), ...(kind === "pass" ? [] : [sentence])];
    return [fits ? `${head}  ${size}` : head, ...below.flatMap((text) => indent(wrap(text, width - 3)))];
  });
  const total = `${MARKS[verdict.kind]} ${verdict.kind.toUpperCase()} stress-all (${formatDuration(durationMs ?? 0)})`;
  return [...lines, total, ...wrap(verdict.sentence, width), `Report: ${path}`].join("\n");
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `   ${line}`);
}

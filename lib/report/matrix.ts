/** The report of the fault matrix: which scenario caught which fault, every miss, and every false alarm. */
import { z } from "zod";
import { formatDuration } from "../units.ts";
import { escapedTable, escapeMarkdown, markdownTable } from "./markdown-text.ts";
import { MARKS } from "./order.ts";
import { wrap } from "./terminal-text.ts";
import { EXIT } from "./verdict.ts";

const planted = z.enum(["fault", "behaviour", "nothing"]);
const kind = z.enum(["pass", "fail", "inconclusive", "skipped", "interrupted", "error"]);

const row = z.object({
  scenario: z.string(),
  planted,
  name: z.string().describe("of the fault or the behaviour"),
  about: z.string().describe("what the fault breaks, or the behaviour does"),
  caughtBy: z.string().nullable().describe("words of the finding that has to tell the fault"),
  broken: z.array(z.string()).readonly().describe("the broken findings: sentence and what was measured"),
  kind,
  sentence: z.string().describe("of the verdict"),
  tookMs: z.number(),
  run: z.string().nullable().describe("the folder of its report, below this one"),
});

export const matrixSchema = z.object({
  schemaVersion: z.literal(1),
  scenario: z.literal("fault-matrix"),
  run: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  durationMs: z.number().nullable(),
  verdict: z.object({
    kind: z.enum(["pass", "fail", "inconclusive", "skipped", "interrupted", "error", "unfinished"]),
    sentence: z.string(),
  }),
  exitCode: z.int().nullable(),
  rows: z.array(row),
});

export type Matrix = z.infer<typeof matrixSchema>;
export type MatrixRow = Matrix["rows"][number];

/** What a row shows: a fault has to fail for its own reason, health has to pass. Undecided is neither, and what cannot be tried here shows nothing. */
type Outcome = "caught" | "missed" | "silent" | "false alarm" | "undecided" | "skipped";

export function outcomeOfRow({
  planted,
  kind,
  caughtBy,
  broken,
}: Pick<MatrixRow, "planted" | "kind" | "caughtBy" | "broken">): Outcome {
  if (kind === "skipped") return "skipped";
  if (planted === "fault") {
    const told = broken.some((finding) => finding.includes(caughtBy ?? ""));
    return kind === "fail" && told ? "caught" : "missed";
  }
  if (kind === "fail" || kind === "error") return "false alarm";
  return kind === "pass" ? "silent" : "undecided";
}

export function judgeMatrix(rows: readonly MatrixRow[]): Matrix["verdict"] & { readonly exitCode: number } {
  if (rows.length === 0)
    return { kind: "inconclusive", sentence: "Nothing was run.", exitCode: EXIT.inconclusive };
  const count = (outcome: Outcome) => rows.filter((each) => outcomeOfRow(each) === outcome).length;
  const tried = rows.filter((each) => outcomeOfRow(each) !== "skipped");
  const skipped = rows.length - tried.length;
  if (tried.length === 0)
    return { kind: "skipped", sentence: `None of ${skipped} can be tried here.`, exitCode: EXIT.skipped };
  const faults = tried.filter(({ planted }) => planted === "fault").length;
  const [missed, alarms, undecided] = [count("missed"), count("false alarm"), count("undecided")];
  const healthy = tried.length - faults;
  const open = `${undecided > 0 ? `, ${undecided} undecided` : ""}${skipped > 0 ? `; ${skipped} skipped` : ""}`;
  const sentence = `${faults - missed} of ${faults} faults caught; ${alarms} false alarms in ${healthy} healthy runs${open}.`;
  if (missed + alarms > 0) return { kind: "fail", sentence, exitCode: EXIT.fail };
  return undecided > 0
    ? { kind: "inconclusive", sentence, exitCode: EXIT.inconclusive }
    : { kind: "pass", sentence, exitCode: EXIT.pass };
}

export function renderMatrixMarkdown({ verdict, startedAt, durationMs, rows }: Matrix): string {
  const faults = rows
    .filter(({ planted }) => planted === "fault")
    .map((each) => [
      `${markOf(each)} ${outcomeOfRow(each)}`,
      escapeMarkdown(each.scenario),
      link(each),
      escapeMarkdown(each.about),
      escapeMarkdown(findingOf(each)),
      formatDuration(each.tookMs),
    ]);
  return [
    `# ${MARKS[verdict.kind]} ${verdict.kind.toUpperCase()} fault-matrix`,
    verdict.sentence,
    `${startedAt}${durationMs === null ? "" : ` · ${formatDuration(durationMs)}`}`,
    "## Faults",
    markdownTable(["", "Scenario", "Fault", "What it breaks", "Verdict", "Took"], faults),
    "## Health",
    escapedTable({ header: HEALTHY_HEADER, rows: groupHealthy(rows) }),
    ...describeOpen(rows),
    "",
  ].join("\n\n");
}

/** What told the fault, else the verdict's sentence. */
export function findingOf({ broken, caughtBy, sentence }: MatrixRow): string {
  return broken.find((finding) => caughtBy !== null && finding.includes(caughtBy)) ?? sentence;
}

export const HEALTHY_HEADER = ["Scenario", "Hub", "Runs", "Silent", "False alarms", "Undecided"];

/** A row for each scenario and behaviour, with how often it was run. */
export function groupHealthy(rows: readonly MatrixRow[]): string[][] {
  const healthy = rows.filter((each) => each.planted !== "fault" && outcomeOfRow(each) !== "skipped");
  const groups = new Map<string, MatrixRow[]>();
  for (const each of healthy) {
    const key = `${each.scenario} ${each.name}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].map((runs) => {
    const count = (outcome: Outcome) => String(runs.filter((each) => outcomeOfRow(each) === outcome).length);
    const [first] = runs;
    return [
      ...[first?.scenario ?? "", first?.about ?? "", String(runs.length)],
      ...[count("silent"), count("false alarm"), count("undecided")],
    ];
  });
}

/** Every miss, false alarm, undecided and skipped run in its own words: what somebody has to look at. */
function describeOpen(rows: readonly MatrixRow[]): string[] {
  const open = rows.filter((each) => !["caught", "silent"].includes(outcomeOfRow(each)));
  if (open.length === 0) return [];
  const lines = open.map(
    (each) =>
      `- ${outcomeOfRow(each)}: ${escapeMarkdown(each.scenario)} ${link(each)}: ${escapeMarkdown(each.sentence)}`,
  );
  return ["## To look at", lines.join("\n")];
}

function markOf(each: MatrixRow): string {
  const outcome = outcomeOfRow(each);
  if (outcome === "undecided") return MARKS.inconclusive;
  if (outcome === "skipped") return MARKS.skipped;
  return outcome === "caught" || outcome === "silent" ? MARKS.pass : MARKS.fail;
}

function link({ name, run }: MatrixRow): string {
  return run === null ? escapeMarkdown(name) : `[${escapeMarkdown(name)}](${run}/report.md)`;
}

/** A line a fault, then one for all healthy runs of a scenario; the verdict last. */
export function renderMatrixTable(
  { verdict, durationMs, rows }: Matrix,
  path: string,
  width: number,
): string {
  const lines = rows
    .filter((each) => each.planted === "fault" || outcomeOfRow(each) !== "silent")
    .map(
      (each) => `${markOf(each)} ${outcomeOfRow(each).padEnd(11)} ${each.scenario.padEnd(16)} ${each.name}`,
    );
  const total = `${MARKS[verdict.kind]} ${verdict.kind.toUpperCase()} fault-matrix (${formatDuration(durationMs ?? 0)})`;
  return [...lines, total, ...wrap(verdict.sentence, width), `Report: ${path}`].join("\n");
}

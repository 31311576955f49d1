/** The runs of each scenario that a reports folder holds: what came of them, and their key figures. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { amount } from "./finding.ts";

/** What a glance takes in. */
const SHOWN_RUNS = 15;
const MOST_FIGURES = 6;
/** As makeRunFolder() names them: their order is that of time. */
const RUN_NAME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-\d+)?$/;

const figure = z.object({ sentence: z.string(), value: z.number(), unit: amount });
type Figure = z.infer<typeof figure>;

/** So little of a report that every version has it. */
const stored = z.object({
  startedAt: z.string(),
  durationMs: z.number().nullable().catch(null),
  verdict: z.object({ kind: z.string(), sentence: z.string() }),
  host: z.object({ hostname: z.string() }).optional().catch(undefined),
  settings: z.array(z.object({ name: z.string(), value: z.string() })).catch([]),
  findings: z.array(z.unknown()).catch([]),
});

export interface PastRun {
  readonly run: string;
  readonly kind: string;
  readonly sentence: string;
  readonly startedAt: string;
  readonly durationMs: number | null;
  readonly hostname: string | null;
  /** By name; without those that say where a report goes. */
  readonly settings: Readonly<Record<string, string>>;
  readonly figures: readonly Figure[];
}

/** The names of a scenario's runs, oldest first. */
export function listRuns(scenarioFolder: string): string[] {
  if (!existsSync(scenarioFolder)) return [];
  const names = readdirSync(scenarioFolder).filter((name) => RUN_NAME.test(name));
  return names.sort(byTime);
}

/** "…Z-10" comes after "…Z-9". */
function byTime(a: string, b: string): number {
  const [one, other] = [a, b].map((name) => [name.slice(0, 20), Number(name.slice(21) || 1)] as const);
  if (!one || !other || one[0] !== other[0]) return a < b ? -1 : 1;
  return one[1] - other[1];
}

/** Oldest first. One whose report cannot be read is told as that. */
export function readHistory(scenarioFolder: string): PastRun[] {
  return listRuns(scenarioFolder)
    .slice(-SHOWN_RUNS)
    .map((run) => readPastRun(scenarioFolder, run));
}

/** Those of this scenario before this run. */
export function readEarlier(runFolder: string): PastRun[] {
  const [folder, run] = [dirname(runFolder), basename(runFolder)];
  const before = listRuns(folder).filter((name) => byTime(name, run) < 0);
  return before.slice(1 - SHOWN_RUNS).map((name) => readPastRun(folder, name));
}

export function readPastRun(scenarioFolder: string, run: string): PastRun {
  try {
    return toPastRun(run, JSON.parse(readFileSync(join(scenarioFolder, run, "report.json"), "utf8")));
  } catch {
    return UNREADABLE(run);
  }
}

const UNREADABLE = (run: string): PastRun => ({
  ...{ run, kind: "unreadable", sentence: "Its report cannot be read.", startedAt: run },
  ...{ durationMs: null, hostname: null, settings: {}, figures: [] },
});

/** Where a report goes, and how it is shown, changes nothing of what was run; nor does chance. */
const ELSEWHERE = new Set([
  "out",
  "json",
  "quiet",
  "seed",
  "junit",
  "prom",
  "ping",
  "keep",
  "keep-bytes",
  "ui",
  "ui-port",
  "baseline",
]);

/** Throws on what is no report at all. */
export function toPastRun(run: string, report: unknown): PastRun {
  const { startedAt, durationMs, verdict, host, settings, findings } = stored.parse(report);
  return {
    ...{ run, kind: verdict.kind, sentence: verdict.sentence, startedAt, durationMs },
    hostname: host?.hostname ?? null,
    settings: Object.fromEntries(
      settings.filter(({ name }) => !ELSEWHERE.has(name)).map(({ name, value }) => [name, value]),
    ),
    figures: chooseFigures(findings),
  };
}

/** What the scenario itself promises in numbers, then what every scenario does. */
function chooseFigures(findings: readonly unknown[]): Figure[] {
  const numbers = findings.flatMap((one) => {
    const parsed = figure.extend({ standard: z.boolean() }).safeParse(one);
    return parsed.success ? [parsed.data] : [];
  });
  return [...numbers.filter(({ standard }) => !standard), ...numbers.filter(({ standard }) => standard)]
    .slice(0, MOST_FIGURES)
    .map(({ sentence, value, unit }) => ({ sentence, value, unit }));
}

/** Whether two runs can be compared: the same settings, on the same box. Else what differs, in words. */
export function differences(one: PastRun, other: PastRun): string[] {
  const names = new Set([...Object.keys(one.settings), ...Object.keys(other.settings)]);
  const settings = [...names].filter((name) => one.settings[name] !== other.settings[name]);
  return [
    ...(one.hostname === other.hostname ? [] : [`host ${other.hostname ?? "unknown"}`]),
    ...settings.map((name) => `--${name} ${other.settings[name] ?? "not set"}`),
  ];
}

/** "Passed in the previous 14 runs." Null where there were none. */
export function tellEarlier(earlier: readonly PastRun[], kind: string): string | null {
  const last = earlier.at(-1);
  if (!last) return null;
  const before = earlier.findLastIndex((run) => run.kind !== last.kind);
  const streak = earlier.length - 1 - before;
  const runs = streak === 1 ? "in the run before" : `in the previous ${streak} runs`;
  const first =
    last.kind === "pass" && kind === "fail"
      ? `; the first failure since ${earlier[before + 1]?.startedAt ?? last.startedAt}`
      : "";
  return `${last.kind} ${runs}${first}.`;
}

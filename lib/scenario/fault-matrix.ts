/** Runs scenarios against faults that they claim to catch, and against health, a few at a time; keeps a report of them all. */
import { mkdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { claimRun } from "../report/claim-run.ts";
import { renderMatrixPage } from "../report/html/matrix-page.ts";
import type { LockRecord } from "../report/lock.ts";
import { judgeMatrix, type Matrix, type MatrixRow, renderMatrixMarkdown } from "../report/matrix.ts";
import { replaceFile } from "../report/replace-file.ts";
import { reportSchema } from "../report/report.ts";
import { describeLatest, toJson } from "../report/run-folder.ts";
import { EXIT } from "../report/verdict.ts";
import type { Discovered } from "./discover.ts";
import { interruptedBy } from "./interruption.ts";
import { PATIENCE, superviseScenario } from "./supervise.ts";

/** A soak takes a quarter of a processor, a crowd less than a whole one. */
const LIGHT_AT_A_TIME = 5;

/** One run of one scenario. */
export interface Trial extends Pick<MatrixRow, "planted" | "name" | "about" | "caughtBy"> {
  readonly scenario: Discovered;
  readonly words: readonly string[];
  /** What it may take at most. */
  readonly budgetMs: number;
  /** How much of the box it takes: `light` leaves most of a processor to others, so that more run at a time; `whole` can bear none beside it. */
  readonly takes: "light" | "processor" | "whole";
}

export interface MatrixRequest {
  readonly trials: readonly Trial[];
  /** How many at a time; of the light ones five times as many. */
  readonly jobs: number;
  readonly out: string;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
  /** Called once it has its lock. */
  readonly begun?: () => Promise<unknown>;
}

export type MatrixResult =
  | { readonly kind: "ran"; readonly matrix: Matrix; readonly path: string }
  | { readonly kind: "locked"; readonly by: LockRecord };

export async function runMatrix(request: MatrixRequest): Promise<MatrixResult> {
  const { trials, jobs, out, signal } = request;
  const claimed = await claimRun(out, "fault-matrix", request.tell);
  if ("heldBy" in claimed) return { kind: "locked", by: claimed.heldBy };
  const { lock, run, path, startedAt } = claimed;
  const startMs = performance.now();
  let matrix = draft(run, startedAt);
  writeMatrix(path, matrix);
  await request.begun?.();
  const queued = trials.map((trial, index) => ({ trial, index }));
  const rows: (MatrixRow | undefined)[] = [];
  const work = async (queue: typeof queued) => {
    for (let next = queue.shift(); next && !signal.aborted; next = queue.shift()) {
      rows[next.index] = await tryOut(next.trial, next.index, path, request);
      matrix = {
        ...matrix,
        rows: rows.filter((row) => row !== undefined),
        durationMs: performance.now() - startMs,
      };
      writeMatrix(path, matrix);
    }
  };
  const lanes = (takes: Trial["takes"], count: number) => {
    const queue = queued.filter(({ trial }) => trial.takes === takes);
    return Array.from({ length: count }, () => work(queue));
  };
  await Promise.all([...lanes("light", LIGHT_AT_A_TIME * jobs), ...lanes("processor", jobs)]);
  await Promise.all(lanes("whole", 1));
  const { exitCode, ...verdict } = conclude(matrix.rows, signal);
  matrix = {
    ...matrix,
    verdict,
    exitCode,
    endedAt: new Date().toISOString(),
    durationMs: performance.now() - startMs,
  };
  writeMatrix(path, matrix);
  replaceFile(join(out, "latest.json"), toJson(describeLatest(out, path, matrix)));
  lock.free();
  return { kind: "ran", matrix, path };
}

/** In a folder of its own, as one scenario runs once at a time in one. */
async function tryOut(
  trial: Trial,
  index: number,
  path: string,
  { signal, tell }: MatrixRequest,
): Promise<MatrixRow> {
  const { scenario, planted, name, about, caughtBy, budgetMs, words } = trial;
  const folder = join(path, "runs", `${index + 1}-${name}`);
  mkdirSync(folder, { recursive: true });
  const told = [...words, "--quiet", "--out", folder];
  const row = await superviseScenario({ scenario, budgetMs, words: told, patience: PATIENCE, signal });
  tell(`${row.kind.padEnd(12)} ${row.scenario} ${name}`);
  const run = row.run === null ? null : relative(path, join(folder, row.run));
  return {
    scenario: row.scenario,
    planted,
    name,
    about,
    caughtBy,
    broken: run === null ? [] : readBroken(join(path, run)),
    kind: row.kind,
    sentence: row.sentence,
    tookMs: row.tookMs,
    run,
  };
}

function readBroken(folder: string): string[] {
  const { findings } = reportSchema.parse(JSON.parse(readFileSync(join(folder, "report.json"), "utf8")));
  return findings.flatMap((finding) =>
    finding.outcome === "broken" ? [`${finding.sentence}: ${finding.measured}`] : [],
  );
}

function conclude(rows: readonly MatrixRow[], signal: AbortSignal): ReturnType<typeof judgeMatrix> {
  const by = interruptedBy(signal);
  return by
    ? { kind: "interrupted", sentence: `Interrupted by ${by}.`, exitCode: EXIT[by] }
    : judgeMatrix(rows);
}

function draft(run: string, startedAt: Date): Matrix {
  return {
    schemaVersion: 1,
    scenario: "fault-matrix",
    run,
    startedAt: startedAt.toISOString(),
    endedAt: null,
    durationMs: null,
    verdict: { kind: "unfinished", sentence: "Still running, or killed without a word." },
    exitCode: null,
    rows: [],
  };
}

function writeMatrix(path: string, matrix: Matrix): void {
  replaceFile(join(path, "report.json"), toJson(matrix));
  replaceFile(join(path, "report.md"), renderMatrixMarkdown(matrix));
  replaceFile(join(path, "report.html"), renderMatrixPage(matrix));
}

/** Finishes what a killed run left behind: its report, with every sample up to then, and what it made elsewhere. */
import { existsSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { BETWEEN, type Sample } from "../host/gauges.ts";
import { renderAnyMarkdown, renderPage } from "./formats.ts";
import { isStale, type LockRecord, readLock, removeLock } from "./lock.ts";
import type { Matrix } from "./matrix.ts";
import { type AnyReport, isRun, readReport } from "./read-report.ts";
import { replaceFile } from "./replace-file.ts";
import type { Report } from "./report.ts";
import { describeLatest, toJson } from "./run-folder.ts";
import { readSamples } from "./samples.ts";
import type { Suite } from "./suite.ts";
import { removeTemporaries } from "./temporary.ts";
import { EXIT } from "./verdict.ts";

/** Looks at every scenario's lock below `out`. Answers a line for each run that it finished, or could not clean up after. */
export async function recoverKilledRuns(out: string): Promise<string[]> {
  const told: string[] = [];
  for (const entry of readdirSync(out, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    try {
      told.push(...(await recoverScenario(out, entry.name)));
    } catch (error) {
      // one that cannot be read must not keep the others from running
      told.push(error instanceof Error ? error.message : String(error));
    }
  }
  return told;
}

async function recoverScenario(out: string, name: string): Promise<string[]> {
  const folder = join(out, name);
  const lock = readLock(folder);
  if (!lock || !isStale(folder, lock)) return [];
  const sentence = finishReport(out, join(folder, lock.run), lock);
  const left = [
    ...(await removeTemporaries(lock.temporary)),
    ...(await recoverBelow(join(folder, lock.run))),
  ];
  removeLock(folder, lock);
  return [`Finished an earlier run, ${name}/${lock.run}: ${sentence}`, ...left];
}

/** The fault matrix keeps the reports folders of what it ran in its own. */
async function recoverBelow(run: string): Promise<string[]> {
  const runs = join(run, "runs");
  const told: string[] = [];
  for (const name of existsSync(runs) ? readdirSync(runs) : [])
    told.push(...(await recoverKilledRuns(join(runs, name))));
  return told;
}

/** Any number of commands may do this at once: each writes the same, and the last rename wins. */
function finishReport(out: string, run: string, lock: LockRecord): string {
  const left = readUnfinished(run);
  if (!left) return "It was killed after its report was written, or before it was begun.";
  const finished = isRun(left) ? finishRun(left, takeSamples(run), lock) : finishRows(left, lock);
  replaceFile(join(run, "report.json"), toJson(finished));
  replaceFile(join(run, "report.md"), renderAnyMarkdown({ report: finished, run }));
  replaceFile(join(run, "report.html"), renderPage({ report: finished, run }));
  replaceFile(join(out, "latest.json"), toJson(describeLatest(out, run, finished)));
  for (const part of ["report.json.part", "report.md.part", "report.html.part", "latest.json.part"])
    rmSync(join(run, part), { force: true });
  return finished.verdict.sentence;
}

function finishRun(report: Report, samples: readonly Sample[], { holder }: LockRecord): Report {
  const last = samples.at(-1);
  const phase = last
    ? last.phase === BETWEEN
      ? last.phase
      : `during ${last.phase}`
    : "before its first sample";
  return {
    ...report,
    verdict: { kind: "error", sentence: `Killed ${phase}: process ${holder.pid} ended without a word.` },
    exitCode: EXIT.error,
    phases: phasesOf(samples),
    durationMs: last?.atMs ?? 0,
    endedAt: new Date(Date.parse(report.startedAt) + (last?.atMs ?? 0)).toISOString(),
  };
}

function finishRows(report: Suite | Matrix, { holder }: LockRecord): Suite | Matrix {
  const done = report.rows.at(-1)?.scenario;
  const when = done ? `after ${done}` : "before its first scenario ended";
  return {
    ...report,
    verdict: { kind: "error", sentence: `Killed ${when}: process ${holder.pid} ended without a word.` },
    exitCode: EXIT.error,
    endedAt: new Date(Date.parse(report.startedAt) + (report.durationMs ?? 0)).toISOString(),
  };
}

/** A phase lasts from its first sample to its last: nobody wrote down more. */
function phasesOf(samples: readonly Sample[]): Report["phases"] {
  const phases: Report["phases"] = [];
  for (const { phase: name, atMs } of samples) {
    if (name === BETWEEN) continue;
    const last = phases.at(-1);
    if (last?.name === name) last.endMs = atMs;
    else phases.push({ name, startMs: atMs, endMs: atMs });
  }
  return phases;
}

function readUnfinished(run: string): AnyReport | null {
  try {
    const { report } = readReport(run);
    return report.verdict.kind === "unfinished" ? report : null;
  } catch {
    return null;
  }
}

/** Cuts off the reserved zeros and a half-written line, and answers what the whole lines say. */
function takeSamples(run: string): readonly Sample[] {
  const stored = readSamples(run);
  if (!stored) return [];
  truncateSync(join(run, "samples.ndjson"), stored.wholeBytes);
  return stored.samples;
}

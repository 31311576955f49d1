/** Finishes what a killed run left behind: its report, with every sample up to then, and what it made elsewhere. */
import { readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { removeTemporaries } from "../host/temporary.ts";
import { isStale, type LockRecord, readLock, removeLock } from "./lock.ts";
import { renderMarkdown } from "./markdown.ts";
import { type Report, reportSchema } from "./report.ts";
import { describeLatest, toJson } from "./run-folder.ts";
import { EXIT } from "./verdict.ts";

const lastLine = z.object({ atMs: z.number(), phase: z.string() });

/** Looks at every scenario's lock below `out`. Answers a line for each run that it finished, or could not clean up after. */
export async function recoverKilledRuns(out: string): Promise<string[]> {
  const told: string[] = [];
  for (const entry of readdirSync(out, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const folder = join(out, entry.name);
    const lock = readLock(folder);
    if (!lock || !isStale(folder, lock)) continue;
    const sentence = finishReport(out, join(folder, lock.run), lock);
    const left = await removeTemporaries(lock.temporary);
    told.push(`${entry.name}/${lock.run}: ${sentence}`, ...left);
    removeLock(folder, lock);
  }
  return told;
}

/** Any number of commands may do this at once: each writes the same, and the last rename wins. */
function finishReport(out: string, run: string, lock: LockRecord): string {
  const report = readUnfinished(join(run, "report.json"));
  if (!report) return "was killed after its report was written, or before it was begun";
  const last = trimSamples(join(run, "samples.ndjson"));
  const phase = last ? `during ${last.phase}` : "before its first sample";
  const finished: Report = {
    ...report,
    verdict: { kind: "error", sentence: `Killed ${phase}: process ${lock.holder.pid} ended without a word.` },
    exitCode: EXIT.error,
    durationMs: last?.atMs ?? 0,
    endedAt: new Date(Date.parse(report.startedAt) + (last?.atMs ?? 0)).toISOString(),
  };
  replaceFile(join(run, "report.json"), toJson(finished));
  replaceFile(join(run, "report.md"), renderMarkdown(finished));
  replaceFile(join(out, "latest.json"), toJson(describeLatest(out, run, finished)));
  for (const part of ["report.json.part", "report.md.part", "latest.json.part"])
    rmSync(join(run, part), { force: true });
  return finished.verdict.sentence;
}

function readUnfinished(path: string): Report | null {
  try {
    const report = reportSchema.parse(JSON.parse(readFileSync(path, "utf8")));
    return report.verdict.kind === "unfinished" ? report : null;
  } catch {
    return null;
  }
}

/** Cuts off the reserved zeros and a half-written line; answers what the last whole line says. */
function trimSamples(path: string): z.infer<typeof lastLine> | null {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch {
    return null;
  }
  const zeros = content.indexOf(0);
  const written = zeros === -1 ? content : content.subarray(0, zeros);
  const end = written.lastIndexOf("\n") + 1;
  truncateSync(path, end);
  const start = written.lastIndexOf("\n", end - 2) + 1;
  return end === 0 ? null : lastLine.parse(JSON.parse(written.toString("utf8", start, end)));
}

function replaceFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}

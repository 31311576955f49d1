/** The folder of one run: there from the first second, filled as samples come, completed by rename. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Sample } from "../host/gauges.ts";
import { KIB, MIB } from "../units.ts";
import { readEarlier } from "./history.ts";
import { renderReportPage } from "./html/report-page.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Report } from "./report.ts";
import { ReservedFile } from "./reserved-file.ts";

/** A sample with all gauges and two stressors is 700 bytes. */
const SAMPLE_BYTES = 1 * KIB;
const MAX_SAMPLES_RESERVE = 64 * MIB;

export interface RunFolder {
  readonly path: string;
  /** Answers whether it could be written. */
  appendSample(sample: Sample): boolean;
  /**
   * Writes the finished report, with the samples that its charts are drawn from, and makes `latest.json` lead to it. Answers
   * why there is no page, where there is none.
   */
  complete(report: Report, samples: readonly Sample[]): string | null;
}

/** Makes a folder that no other run has, named for the UTC time: "2026-11-20T05-42-35Z". */
export function makeRunFolder(scenarioFolder: string, startedAt: Date): string {
  const name = `${startedAt.toISOString().slice(0, 19).replaceAll(":", "-")}Z`;
  for (let attempt = 1; ; attempt++) {
    const unique = attempt === 1 ? name : `${name}-${attempt}`;
    try {
      mkdirSync(join(scenarioFolder, unique));
      return unique;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** Opens every file that the run will need and takes its space, before there is any load. */
export function openRunFolder(
  out: string,
  path: string,
  unfinished: Report,
  expectedSamples: number,
): RunFolder {
  writeFileSync(join(path, "report.json"), toJson(unfinished));
  const samples = new ReservedFile(
    join(path, "samples.ndjson"),
    Math.min(MAX_SAMPLES_RESERVE, 64 * KIB + expectedSamples * SAMPLE_BYTES),
  );
  const reportFile = new ReservedFile(join(path, "report.json.part"), 256 * KIB);
  const markdown = new ReservedFile(join(path, "report.md.part"), 64 * KIB);
  const page = new ReservedFile(join(path, "report.html.part"), 256 * KIB);
  const latest = new ReservedFile(join(path, "latest.json.part"), 4 * KIB);
  // read now: later there may be no descriptor left
  const earlier = readEarlier(path);
  return {
    path,
    appendSample(sample) {
      try {
        samples.append(`${JSON.stringify(sample)}\n`);
        return true;
      } catch {
        return false;
      }
    },
    complete(report, taken) {
      samples.finish();
      reportFile.append(toJson(report));
      reportFile.finish(join(path, "report.json"));
      markdown.append(renderMarkdown(report, earlier));
      markdown.finish(join(path, "report.md"));
      latest.append(toJson(describeLatest(out, path, report)));
      latest.finish(join(out, "latest.json"));
      return completePage(page, join(path, "report.html"), renderReportPage(report, taken, earlier));
    },
  };
}

/** Last, and larger than any page that was seen: but whatever becomes of the picture, the report is there. */
function completePage(page: ReservedFile, path: string, text: string): string | null {
  try {
    page.append(text);
    page.finish(path);
    return null;
  } catch (error) {
    page.discard();
    return `Cannot write ${path}: ${(error as Error).message}`;
  }
}

/** What `latest.json` says: enough for cron to decide, and the way to the rest. */
export function describeLatest(
  out: string,
  path: string,
  {
    scenario,
    verdict,
    exitCode,
    endedAt,
  }: Pick<Report, "scenario" | "exitCode" | "endedAt"> & {
    readonly verdict: { readonly kind: string; readonly sentence: string };
  },
) {
  return {
    scenario,
    verdict: verdict.kind,
    sentence: verdict.sentence,
    exitCode,
    endedAt,
    run: relative(out, path),
  };
}

export function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

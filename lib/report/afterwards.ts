/** What follows a finished run: files for machines, the monitor, the index, and room for the next one. None of it can change the verdict. */

import { readPart, renderAnyMarkdown } from "./formats.ts";
import { annotate, appendSummary, disarm } from "./github.ts";
import { writeIndex } from "./index-file.ts";
import { renderJunit } from "./junit.ts";
import { ping } from "./ping.ts";
import { renderPrometheus } from "./prometheus.ts";
import type { StoredReport } from "./read-report.ts";
import { replaceFile } from "./replace-file.ts";
import { prune, type Retention } from "./retention.ts";

export interface Wishes extends Retention {
  readonly junit: string | null;
  readonly prom: string | null;
  readonly ping: string | null;
}

interface Ending extends StoredReport {
  /** The reports folder. */
  readonly out: string;
  readonly wishes: Wishes;
  /** The run in a few lines, for the monitor. */
  readonly summary: string;
}

/** On stderr: what could not be done, and what GitHub wants to read. */
const tell = (line: string) => console.error(line);

/** On stdout, for people: what a target said of itself is nothing that a runner of jobs should obey. */
export function print(text: string): void {
  console.log(process.env.GITHUB_ACTIONS ? disarm(text) : text);
}

/** Tells the monitor that a run begins: before any load, which may leave nothing to open a connection with. */
export async function announce({ ping: url }: Pick<Wishes, "ping">): Promise<void> {
  const complaint = url === null ? null : await ping(url, "start");
  if (complaint !== null) tell(complaint);
}

export async function finishUp({ report, run, out, wishes, summary }: Ending): Promise<void> {
  const attempt = (what: string, act: () => void) => {
    try {
      act();
    } catch (error) {
      tell(`Cannot ${what}: ${(error as Error).message}`);
    }
  };
  const { junit, prom } = wishes;
  if (junit !== null)
    attempt("write --junit", () =>
      replaceFile(
        junit,
        renderJunit(report, (part) => readPart(run, part)),
      ),
    );
  if (prom !== null) attempt("write --prom", () => replaceFile(prom, renderPrometheus(report)));
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY } = process.env;
  if (GITHUB_ACTIONS) {
    for (const line of annotate(report)) tell(line);
    if (GITHUB_STEP_SUMMARY)
      attempt("write the job summary", () =>
        appendSummary(GITHUB_STEP_SUMMARY, renderAnyMarkdown({ report, run })),
      );
  }
  attempt("remove old runs", () => prune(out, wishes));
  attempt("write index.html", () => writeIndex(out));
  if (wishes.ping !== null) {
    const complaint = await ping(wishes.ping, report.exitCode ?? 70, summary);
    if (complaint !== null) tell(complaint);
  }
}

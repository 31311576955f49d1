/** Runs a scenario that is ready to run, in front of whoever waits for it: progress, signals, summary and exit code. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { announce, finishUp, print } from "../report/afterwards.ts";
import { findBaseline } from "../report/baseline.ts";
import { describeHolder } from "../report/claim-run.ts";
import type { Subject } from "../report/figures.ts";
import type { LiveServer } from "../report/live/server.ts";
import { renderMail } from "../report/mail.ts";
import { showReportPath } from "../report/shown-path.ts";
import { showScript } from "../report/shown-script.ts";
import { renderSummary } from "../report/terminal.ts";
import { curveLines } from "../report/terminal-curves.ts";
import { isScreen } from "../report/terminal-text.ts";
import { EXIT, exitCodeOf } from "../report/verdict.ts";
import { interruptible, SUPERVISOR_VARIABLE } from "./interruption.ts";
import type { Observer } from "./live-run.ts";
import type { Options } from "./option.ts";
import type { Prepared } from "./prepare.ts";
import { showProgress, silentProgress } from "./progress.ts";
import { type RunResult, runScenario } from "./run.ts";
import type { Scenario } from "./scenario.ts";

export interface Command<O extends Options, E> {
  readonly name: string;
  /** Its absolute path. */
  readonly file: string;
  readonly scenario: Scenario<O, E>;
  /** Where the file of a worker is. */
  readonly workerFile: (worker: string) => URL;
  readonly words: readonly string[];
}

/** Answers the exit code. */
export async function runPrepared<O extends Options, E>(
  command: Command<O, E>,
  prepared: Prepared<O>,
): Promise<number> {
  const { common, out } = prepared;
  const { json, quiet } = common;
  const baseline = readBaseline(common.baseline, out, command.name);
  if (baseline instanceof Error) {
    console.error(`${baseline.message}\nSee: ${showScript(command.file, command.name)} --help`);
    return EXIT.usage;
  }
  const supervised = process.env[SUPERVISOR_VARIABLE] !== undefined;
  const progress = quiet ? silentProgress : showProgress({ name: command.name, stream: process.stderr });
  const live = common.ui ? await startLive(command, common.uiPort) : null;
  if (live instanceof Error) {
    console.error(live.message);
    return EXIT.usage;
  }
  const result = await runScenario({
    ...command,
    prepared,
    signal: interruptible(),
    observer: live ? both(progress, live) : progress,
    baseline,
    // a part of something larger is told of by that
    begun: async () => supervised || announce(common),
    tell: (line) => quiet || console.error(line),
  });
  progress.clear();
  await live?.end(result.kind === "ran" ? readPage(result.path) : null);
  if (result.kind === "locked") {
    console.error(describeHolder(command.name, result.by));
    return EXIT.locked;
  }
  if (result.kind === "refused") {
    console.error(result.reason);
    return EXIT.usage;
  }
  const mail = renderMail(result.report, showReportPath(result.path));
  if (json) process.stdout.write(`${JSON.stringify(result.report)}\n`);
  else if (!quiet) print(summarise(result));
  else if (result.report.verdict.kind !== "pass") print(mail);
  if (!supervised)
    await finishUp({ report: result.report, run: result.path, out, wishes: common, summary: mail });
  return exitCodeOf(result.report.verdict) ?? EXIT.error;
}

/** Its address is told on stderr. */
async function startLive<O extends Options, E>(
  { name, scenario }: Command<O, E>,
  port: number,
): Promise<LiveServer | Error> {
  // a server: nothing that a run without one should wait for
  const { serveLive } = await import("../report/live/server.ts");
  try {
    const live = await serveLive({ scenario: name, summary: scenario.summary }, port);
    console.error(`Live: ${live.url}`);
    return live;
  } catch (error) {
    return new Error(`Cannot listen on --ui-port ${port}: ${(error as Error).message}`);
  }
}

function both(one: Observer, other: Observer): Observer {
  return {
    onPhase(phase) {
      one.onPhase(phase);
      other.onPhase(phase);
    },
    onSample(sample, phase) {
      one.onSample(sample, phase);
      other.onSample(sample, phase);
    },
  };
}

/** Null where a full disk had no room for it. */
function readPage(run: string): string | null {
  try {
    return readFileSync(join(run, "report.html"), "utf8");
  } catch {
    return null;
  }
}

/** Before anything is made: what cannot be read is a mistake of the user's. */
function readBaseline(wanted: string | null, out: string, name: string): Subject | null | Error {
  if (wanted === null) return null;
  try {
    const baseline = findBaseline(wanted, out, name);
    if (!baseline) console.error("No run has passed yet: there is no baseline.");
    return baseline;
  } catch (error) {
    return error as Error;
  }
}

function summarise({ report, path, samples }: RunResult & { kind: "ran" }): string {
  const width = process.stdout.columns || 80;
  const curves = isScreen(process.stdout, process.env) ? curveLines(samples, width) : [];
  return renderSummary(report, showReportPath(path), width, curves);
}

/** A scenario as a command: help, plan or run, its signals and its exit code. */
import { relative } from "node:path";
import { describeHolder } from "../report/claim-run.ts";
import { renderSummary } from "../report/terminal.ts";
import { EXIT, exitCodeOf } from "../report/verdict.ts";
import { formatAmount, formatDuration, type Unit } from "../units.ts";
import { renderHelp } from "./help.ts";
import { interruptible } from "./interruption.ts";
import type { Options } from "./option.ts";
import { type Prepared, prepareRun } from "./prepare.ts";
import { showProgress, silentProgress } from "./progress.ts";
import { type RunResult, runScenario } from "./run.ts";
import type { Plan, Scenario } from "./scenario.ts";

export interface Command<O extends Options, E> {
  readonly name: string;
  readonly scenario: Scenario<O, E>;
  /** Where the file of a worker is. */
  readonly workerFile: (worker: string) => URL;
  readonly words: readonly string[];
}

/** Answers the exit code. */
export async function runCommand<O extends Options, E>(command: Command<O, E>): Promise<number> {
  const { name, scenario, words } = command;
  const prepared = prepareRun(scenario, words, process.env);
  if (prepared.kind === "help") {
    console.log(await renderHelp(name, scenario));
    return EXIT.pass;
  }
  if (prepared.kind === "mistakes") {
    console.error([...prepared.mistakes, `See: scripts/${name}.ts --help`].join("\n"));
    return EXIT.usage;
  }
  if (prepared.common.dryRun) {
    console.log(renderPlan(prepared.plan));
    return EXIT.pass;
  }
  return runPrepared(command, prepared);
}

async function runPrepared<O extends Options, E>(
  command: Command<O, E>,
  prepared: Prepared<O>,
): Promise<number> {
  const { json, quiet } = prepared.common;
  const progress = quiet ? silentProgress : showProgress({ name: command.name, stream: process.stderr });
  const interruption = interruptible();
  const result = await runScenario({
    ...command,
    prepared,
    signal: interruption,
    observer: progress,
    tell: (line) => quiet || console.error(line),
  });
  progress.clear();
  if (result.kind === "locked") {
    console.error(describeHolder(command.name, result.by));
    return EXIT.locked;
  }
  if (result.kind === "refused") {
    console.error(result.reason);
    return EXIT.usage;
  }
  if (json) process.stdout.write(`${JSON.stringify(result.report)}\n`);
  else if (!quiet || result.report.verdict.kind !== "pass") printSummary(result);
  return exitCodeOf(result.report.verdict) ?? EXIT.error;
}

function printSummary({ report, path }: RunResult & { kind: "ran" }) {
  const shown = relative(process.cwd(), path);
  console.log(
    renderSummary(report, `${shown.startsWith("..") ? path : shown}/report.md`, process.stdout.columns || 80),
  );
}

const PEAK_UNITS: Record<keyof Plan["peak"], Unit> = {
  memoryBytes: "bytes",
  diskBytes: "bytes",
  descriptors: "count",
  cores: "count",
  processes: "count",
};

function renderPlan({ durationMs, steps, peak }: Plan): string {
  const peaks = Object.entries(peak).map(([resource, amount]) => {
    const unit = PEAK_UNITS[resource as keyof Plan["peak"]];
    const what = resource.replace("Bytes", "");
    return unit === "bytes"
      ? `${formatAmount(amount, unit)} of ${what}`
      : `${formatAmount(amount, unit)} ${what}`;
  });
  return [
    "Plan:",
    ...steps.map((step) => `  - ${step}`),
    `Takes about ${formatDuration(durationMs)}, and at most ${peaks.join(", ") || "nothing"}.`,
  ].join("\n");
}

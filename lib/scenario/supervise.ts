/** Runs one scenario as a process of its own: one that hangs or dies does not take the others along. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { runtimeCommand } from "../host/runtime-command.ts";
import { type Report, reportSchema } from "../report/report.ts";
import type { SuiteRow } from "../report/suite.ts";
import { EXIT } from "../report/verdict.ts";
import { formatDuration } from "../units.ts";
import type { Discovered } from "./discover.ts";
import { interruptedBy, SUPERVISOR_VARIABLE } from "./interruption.ts";
import { flagName } from "./settings.ts";

export interface Assignment {
  readonly scenario: Discovered;
  readonly budgetMs: number;
  /** Options for it, beside its budget. */
  readonly words: readonly string[];
  readonly patience: Patience;
  /** Aborted to interrupt it. */
  readonly signal: AbortSignal;
}

export interface Patience {
  /** How long past its budget it may take, to release its load and write its report, before it counts as hanging. */
  readonly pastBudgetMs: number;
  /** And to end after SIGTERM, before SIGKILL. */
  readonly pastSigtermMs: number;
}
export const PATIENCE: Patience = { pastBudgetMs: 30_000, pastSigtermMs: 20_000 };

/** Never throws: however it ends is a row. */
export async function superviseScenario({
  scenario,
  budgetMs,
  words,
  patience,
  signal,
}: Assignment): Promise<SuiteRow> {
  const startMs = performance.now();
  const { command, args } = runtimeCommand(scenario.file);
  const child = spawn(command, [...args, "--json", "--budget", `${Math.ceil(budgetMs)}ms`, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...scenario.scenario.environment, [SUPERVISOR_VARIABLE]: String(process.pid) },
  });
  const failed = new Promise<Error>((resolve) => child.once("error", resolve));
  const closed = once(child, "close");
  const interrupt = () => child.kill(interruptedBy(signal) ?? "SIGTERM");
  signal.addEventListener("abort", interrupt, { once: true });
  if (signal.aborted) interrupt();
  const hanging = endIfHanging(child, budgetMs, patience);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const refused = await Promise.race([failed, closed.then(() => null)]);
  hanging.stop();
  signal.removeEventListener("abort", interrupt);
  const row = {
    scenario: scenario.name,
    tookMs: performance.now() - startMs,
    budgetMs,
    exitCode: child.exitCode,
  };
  if (refused) return { ...row, ...error(`could not be started: ${refused.message}`) };
  const report = parseReport(output);
  if (hanging.told) {
    const granted = formatDuration(budgetMs + patience.pastBudgetMs);
    return { ...row, ...error(`did not end within ${granted}, and was ended`) };
  }
  if (!report && signal.aborted) return { ...row, ...interruptedEarly(signal) };
  if (!report && child.exitCode === EXIT.locked) return { ...row, ...occupied(scenario.name) };
  if (!report) return { ...row, ...error(describeEnd(child.exitCode, child.signalCode)) };
  return { ...row, ...summarise(report, Object.keys(scenario.scenario.options).map(flagName)) };
}

type Conclusion = Pick<SuiteRow, "kind" | "sentence" | "run" | "shrunk">;

/** `own`: the scenario's own options, whose size decides what was concluded. */
function summarise({ verdict, scenario, run, settings }: Report, own: readonly string[]): Conclusion {
  const shrunk = settings.filter(({ name, source }) => own.includes(name) && /^(budget|smoke)/.test(source));
  return {
    kind: verdict.kind === "unfinished" ? "error" : verdict.kind,
    sentence: verdict.sentence,
    run: `${scenario}/${run}`,
    shrunk: shrunk.map(({ name, value }) => `${name} ${value}`),
  };
}

/** It has said on stderr who. */
function occupied(name: string): Conclusion {
  return { kind: "inconclusive", sentence: `Another run of ${name} holds its lock.`, run: null, shrunk: [] };
}

function error(what: string): Conclusion {
  return { kind: "error", sentence: `It ${what}.`, run: null, shrunk: [] };
}

/** A row of a scenario that was interrupted before it had anything to report. */
export function interruptedEarly(signal: AbortSignal): Conclusion & Pick<SuiteRow, "exitCode"> {
  const by = interruptedBy(signal) ?? "SIGTERM";
  return {
    kind: "interrupted",
    sentence: `Interrupted by ${by} before it began.`,
    exitCode: EXIT[by],
    run: null,
    shrunk: [],
  };
}

/** Without a report there are only the exit code and what it said on stderr, which the user has seen. */
function describeEnd(exitCode: number | null, signal: string | null): string {
  return signal ? `was ended by ${signal} and left no report` : `left no report, exit code ${exitCode}`;
}

function parseReport(output: string): Report | null {
  try {
    return reportSchema.parse(JSON.parse(output));
  } catch {
    return null;
  }
}

function endIfHanging(
  child: { kill(signal: NodeJS.Signals): boolean },
  budgetMs: number,
  { pastBudgetMs, pastSigtermMs }: Patience,
) {
  let told = false;
  let timer = setTimeout(() => {
    told = true;
    child.kill("SIGTERM");
    timer = setTimeout(() => child.kill("SIGKILL"), pastSigtermMs);
  }, budgetMs + pastBudgetMs);
  return {
    get told() {
      return told;
    },
    stop: () => clearTimeout(timer),
  };
}

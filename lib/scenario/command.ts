/** A scenario as a command: help, plan or run. */
import { showScript } from "../report/shown-script.ts";
import { EXIT } from "../report/verdict.ts";
import { formatDuration } from "../units.ts";
import { renderHelp } from "./help.ts";
import type { Options } from "./option.ts";
import { describePeak } from "./peak.ts";
import type { Command } from "./perform.ts";
import { prepareRun } from "./prepare.ts";
import type { Plan } from "./scenario.ts";

/** Answers the exit code. */
export async function runCommand<O extends Options, E>(command: Command<O, E>): Promise<number> {
  const { name, file, scenario, words } = command;
  const script = showScript(file, name);
  const prepared = await prepareRun(name, scenario, words, process.env);
  if (prepared.kind === "help") {
    console.log(await renderHelp(script, scenario));
    return EXIT.pass;
  }
  if (prepared.kind === "mistakes") {
    console.error([...prepared.mistakes, `See: ${script} --help`].join("\n"));
    return EXIT.usage;
  }
  if (prepared.common.dryRun) {
    console.log(renderPlan(prepared.plan));
    return EXIT.pass;
  }
  // threads, schemas and reports: nothing that help or a mistake should wait for
  const { runPrepared } = await import("./perform.ts");
  return runPrepared(command, prepared);
}

function renderPlan({ durationMs, steps, peak }: Plan): string {
  const told = `Takes about ${formatDuration(durationMs)}, and at most ${describePeak(peak)}.`;
  return ["Plan:", ...steps.map((step) => `  - ${step}`), told].join("\n");
}

/** A scenario as a command: help, plan or run. */
import { EXIT } from "../report/verdict.ts";
import { formatAmount, formatDuration, type Unit } from "../units.ts";
import { renderHelp } from "./help.ts";
import type { Options } from "./option.ts";
import type { Command } from "./perform.ts";
import { prepareRun } from "./prepare.ts";
import type { Plan } from "./scenario.ts";

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
  // threads, schemas and reports: nothing that help or a mistake should wait for
  const { runPrepared } = await import("./perform.ts");
  return runPrepared(command, prepared);
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

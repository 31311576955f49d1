#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Runs every scenario against each fault that it claims to catch, and against health: who caught what, every miss, every false alarm. */
import { resolve } from "node:path";
import { announce, finishUp, print } from "../lib/report/afterwards.ts";
import { describeHolder } from "../lib/report/claim-run.ts";
import { renderMatrixTable } from "../lib/report/matrix.ts";
import { showReportPath } from "../lib/report/shown-path.ts";
import { EXIT } from "../lib/report/verdict.ts";
import { afterOptions } from "../lib/scenario/after-options.ts";
import { readCommandLine } from "../lib/scenario/command-line.ts";
import { type Discovered, discoverScenarios } from "../lib/scenario/discover.ts";
import { runMatrix, type Trial } from "../lib/scenario/fault-matrix.ts";
import { renderOptions } from "../lib/scenario/help.ts";
import { interruptible } from "../lib/scenario/interruption.ts";
import { isProgram } from "../lib/scenario/main.ts";
import { count } from "../lib/scenario/number-options.ts";
import type { Values } from "../lib/scenario/option.ts";
import { detectProfile } from "../lib/scenario/profile.ts";
import { tellFailure } from "../lib/scenario/program.ts";
import { refuseOut } from "../lib/scenario/reports-folder.ts";
import { resolveSettings } from "../lib/scenario/settings.ts";
import { flag, text } from "../lib/scenario/text-options.ts";
import {
  BY_A_SHORT_STREAM,
  HEALTHY,
  LIGHT,
  LIGHT_WHEN_SMALL,
  PATIENT,
  QUIET,
  SIZES,
  SMALL,
  USUAL,
} from "../lib/scenario/trial-sizes.ts";
import { ALL_BEHAVIOURS, ALL_FAULTS } from "../targets/faults.ts";

/** More than any trial of the sizes below takes. */
const BUDGET_MS = 10 * 60_000;

const options = {
  runs: count({ default: "20", smoke: "1", help: "healthy runs of each scenario" }),
  behaviourRuns: count({
    default: "3",
    smoke: "1",
    help: "runs of each healthy behaviour that looks like a leak",
  }),
  jobs: count({
    default: "1",
    min: "1",
    max: "64",
    help: "runs at a time, and beside them five times as many of the scenarios that mostly wait",
  }),
  only: text({
    default: "",
    placeholder: "NAME,…",
    help: "these scenarios, faults or behaviours, nothing else",
  }),
  smoke: flag({ help: "everything once, in the smallest size that still catches each fault" }),
  dryRun: flag({ help: "list what would run" }),
  out: text({ default: "reports", placeholder: "DIR", help: "where reports go" }),
  json: flag({ help: "print the report as one JSON document on stdout, and nothing else" }),
  quiet: flag({ help: "print nothing on a pass" }),
  ...afterOptions,
} as const;

if (isProgram(import.meta)) process.exit(await runCommand(process.argv.slice(2)).catch(tellFailure));

async function runCommand(words: readonly string[]): Promise<number> {
  const line = readCommandLine(options, words);
  if (line.help) {
    const usage =
      "scripts/fault-matrix.ts [options]\n\nRun every scenario against each fault that it claims to catch, and against health.";
    console.log(await renderOptions(usage, { "Options:": options }));
    return EXIT.pass;
  }
  const sources = { flags: line.flags, environment: process.env, profile: detectProfile(process.env).name };
  const first = resolveSettings(options, { ...sources, size: { share: 1, why: "default" } });
  const size = { share: first.values.smoke ? 0 : 1, why: first.values.smoke ? "smoke" : "default" };
  const { values, mistakes } = resolveSettings(options, { ...sources, size });
  const scenarios = await discoverScenarios(new URL("./", import.meta.url));
  const all = planTrials(scenarios, values);
  const { chosen, strangers } = choose(all, values.only);
  const refused = values.dryRun ? [] : refuseOut(resolve(values.out));
  const wrong = [...line.mistakes, ...mistakes, ...strangers, ...refused];
  if (wrong.length > 0) {
    console.error([...wrong, "See: scripts/fault-matrix.ts --help"].join("\n"));
    return EXIT.usage;
  }
  if (values.dryRun) {
    for (const { scenario, planted, name, words: told } of chosen)
      console.log(
        `${scenario.name} ${told.join(" ")}  (${planted === "fault" ? "has to fail" : "has to pass"}: ${name})`,
      );
    return EXIT.pass;
  }
  return run(chosen, values);
}

async function run(trials: readonly Trial[], values: Values<typeof options>): Promise<number> {
  const { jobs, out, json, quiet } = values;
  const tell = (line: string) => quiet || console.error(line);
  const begun = () => announce(values);
  const result = await runMatrix({ trials, jobs, out: resolve(out), signal: interruptible(), tell, begun });
  if (result.kind === "locked") {
    console.error(describeHolder("fault-matrix", result.by));
    return EXIT.locked;
  }
  const { matrix, path } = result;
  const summary = renderMatrixTable(matrix, showReportPath(path), process.stdout.columns || 80);
  if (json) console.log(JSON.stringify(matrix));
  else if (!quiet || matrix.verdict.kind !== "pass") print(summary);
  await finishUp({ report: matrix, run: path, summary, out: resolve(out), wishes: values });
  return matrix.exitCode ?? EXIT.error;
}

/** Faults first: a miss is what one wants to know soonest. */
function planTrials(
  scenarios: readonly Discovered[],
  { smoke, runs, behaviourRuns }: Values<typeof options>,
): Trial[] {
  const find = (name: string) => {
    const scenario = scenarios.find((candidate) => candidate.name === name);
    if (!scenario) throw new Error(`Cannot try ${name}: expected a scenario of that name`);
    return scenario;
  };
  const sized = (name: string) => (SIZES[name] ?? USUAL)[smoke ? "small" : "full"];
  const plan = (
    scenario: string,
    trial: Pick<Trial, "planted" | "name" | "about" | "words" | "caughtBy">,
  ): Trial => ({
    ...trial,
    scenario: find(scenario),
    words: [...PATIENT, ...trial.words],
    budgetMs: BUDGET_MS,
    takes:
      LIGHT.has(scenario) || (smoke && LIGHT_WHEN_SMALL.has(scenario))
        ? "light"
        : QUIET.has(scenario) && !BY_A_SHORT_STREAM.includes(trial.name)
          ? "whole"
          : "processor",
  });
  const faults = Object.entries(ALL_FAULTS).map(([name, { scenario, breaks: about, caughtBy }]) => {
    const words = ["--fault", name, ...((smoke && SMALL[name]) || sized(scenario))];
    return plan(scenario, { planted: "fault", name, about, caughtBy, words });
  });
  const behaviours = Object.entries(ALL_BEHAVIOURS).map(([name, { scenario, breaks: about }]) => {
    const words = ["--behave", name, ...sized(scenario)];
    return plan(scenario, { planted: "behaviour", name, about, caughtBy: null, words });
  });
  const claimants = new Set(Object.values(ALL_FAULTS).map(({ scenario }) => scenario));
  const health = [...claimants].map((scenario) => {
    const words = sized(scenario);
    return plan(scenario, {
      planted: "nothing",
      name: "healthy",
      about: HEALTHY[scenario] ?? "a healthy hub",
      caughtBy: null,
      words,
    });
  });
  const repeat = <T>(list: readonly T[], times: number) => Array.from({ length: times }, () => list).flat();
  const all = [...faults, ...repeat(behaviours, behaviourRuns), ...repeat(health, runs)];
  // the longest first, so that none of them is left alone at the end
  const isSoak = ({ scenario }: Trial) => scenario.name === "idle-soak";
  return [...all.filter(isSoak), ...all.filter((trial) => !isSoak(trial))];
}

function choose(all: readonly Trial[], only: string) {
  const names = only
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  const known = new Set(all.flatMap(({ scenario, name }) => [scenario.name, name]));
  const strangers = names
    .filter((name) => !known.has(name))
    .map(
      (name) =>
        `Cannot find "${name}": expected a scenario, a fault or a behaviour, one of ${[...known].join(", ")}`,
    );
  const chosen = all.filter(
    ({ scenario, name }) => names.length === 0 || names.includes(scenario.name) || names.includes(name),
  );
  return { chosen, strangers };
}

#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Runs every scenario there is, one after another, within one budget: one table, one verdict. */
import { resolve } from "node:path";
import { announce, finishUp, print } from "../lib/report/afterwards.ts";
import { describeHolder } from "../lib/report/claim-run.ts";
import { showReportPath } from "../lib/report/shown-path.ts";
import { renderSuiteTable } from "../lib/report/suite.ts";
import { EXIT } from "../lib/report/verdict.ts";
import { afterOptions } from "../lib/scenario/after-options.ts";
import { readCommandLine } from "../lib/scenario/command-line.ts";
import { allOptions } from "../lib/scenario/common-options.ts";
import { type Discovered, discoverScenarios } from "../lib/scenario/discover.ts";
import { renderOptions } from "../lib/scenario/help.ts";
import { interruptible } from "../lib/scenario/interruption.ts";
import { isProgram } from "../lib/scenario/main.ts";
import { duration } from "../lib/scenario/number-options.ts";
import { optional, type Values } from "../lib/scenario/option.ts";
import { detectProfile, PROFILE_NAMES, type ProfileName } from "../lib/scenario/profile.ts";
import { tellFailure } from "../lib/scenario/program.ts";
import { refuseOut } from "../lib/scenario/reports-folder.ts";
import { resolveSettings } from "../lib/scenario/settings.ts";
import { planSuite, runSuite } from "../lib/scenario/suite.ts";
import { PATIENCE } from "../lib/scenario/supervise.ts";
import { choice, flag, text } from "../lib/scenario/text-options.ts";

const options = {
  budget: duration({
    default: "5m",
    min: "10s",
    help: "time for everything, shared out among the scenarios",
  }),
  only: text({ default: "", placeholder: "NAME,…", help: "these scenarios or groups, nothing else" }),
  skip: text({ default: "", placeholder: "NAME,…", help: "not these scenarios or groups" }),
  failFast: flag({ help: "end with the first scenario that fails" }),
  out: text({ default: "reports", placeholder: "DIR", help: "where reports go" }),
  profile: optional(
    choice(PROFILE_NAMES, { default: "development", help: "settings for an environment" }),
    "told by the environment",
  ),
  smoke: flag({ help: "each scenario at its smallest size: everything in a minute or two" }),
  dryRun: flag({ help: "list what would run, for how long, and the most that it would take" }),
  json: flag({ help: "print the report as one JSON document on stdout, and nothing else" }),
  quiet: flag({ help: "print nothing on a pass" }),
  ...afterOptions,
} as const;

if (isProgram(import.meta)) process.exit(await runCommand(process.argv.slice(2)).catch(tellFailure));

async function runCommand(words: readonly string[]): Promise<number> {
  const line = readCommandLine(options, words);
  if (line.help) {
    const usage = `scripts/stress-all.ts [options]\n\nRun every scenario there is, one after another, within one budget.`;
    console.log(await renderOptions(usage, { "Options:": options }));
    return EXIT.pass;
  }
  const { name: profile } = detectProfile(process.env);
  const size = { share: 1, why: "default" };
  const { values, mistakes } = resolveSettings(options, {
    flags: line.flags,
    environment: process.env,
    profile,
    size,
  });
  const all = await discoverScenarios(new URL("./", import.meta.url));
  const { chosen, strangers } = choose(all, splitNames(values.only), splitNames(values.skip));
  const refused = values.dryRun ? [] : refuseOut(resolve(values.out));
  const unreadable = findUnreadable(chosen, profile);
  const wrong = [...new Set([...line.mistakes, ...mistakes, ...strangers, ...refused, ...unreadable])];
  if (wrong.length > 0) {
    console.error([...wrong, "See: scripts/stress-all.ts --help"].join("\n"));
    return EXIT.usage;
  }
  if (values.dryRun) {
    const plan = await planSuite({ scenarios: chosen, budgetMs: values.budget, words: wordsOf(values) });
    console.log(plan.join("\n"));
    return EXIT.pass;
  }
  return run(chosen, values);
}

/** What every scenario is told, beside its budget. */
function wordsOf({ out, profile, smoke }: Values<typeof options>): string[] {
  return ["--out", resolve(out), ...(profile ? ["--profile", profile] : []), ...(smoke ? ["--smoke"] : [])];
}

/** What in the environment no scenario can read: told before anything starts, each once. */
function findUnreadable(scenarios: readonly Discovered[], profile: ProfileName): string[] {
  const sources = { flags: new Map(), environment: process.env, profile, size: { share: 1, why: "default" } };
  return [
    ...new Set(scenarios.flatMap(({ scenario }) => resolveSettings(allOptions(scenario), sources).mistakes)),
  ];
}

async function run(scenarios: readonly Discovered[], values: Values<typeof options>) {
  const { budget, failFast, out, json, quiet } = values;
  const result = await runSuite({
    scenarios,
    budgetMs: budget,
    words: wordsOf(values),
    failFast,
    out: resolve(out),
    patience: PATIENCE,
    signal: interruptible(),
    tell: (line) => quiet || console.error(line),
    begun: () => announce(values),
  });
  if (result.kind === "locked") {
    console.error(describeHolder("stress-all", result.by));
    return EXIT.locked;
  }
  const { suite, path } = result;
  const summary = renderSuiteTable(suite, showReportPath(path), process.stdout.columns || 80);
  if (json) console.log(JSON.stringify(suite));
  else if (!quiet || suite.verdict.kind !== "pass") print(summary);
  await finishUp({ report: suite, run: path, summary, out: resolve(out), wishes: values });
  return suite.exitCode ?? EXIT.error;
}

function choose(all: readonly Discovered[], only: readonly string[], skip: readonly string[]) {
  const known = new Set(all.flatMap(({ name, scenario }) => [name, scenario.group]));
  const strangers = [...only, ...skip]
    .filter((name) => !known.has(name))
    .map((name) => `Cannot find "${name}": expected a scenario or a group, one of ${[...known].join(", ")}`);
  const isIn = (list: readonly string[]) => (one: Discovered) =>
    list.includes(one.name) || list.includes(one.scenario.group);
  const chosen = all.filter((one) => (only.length === 0 || isIn(only)(one)) && !isIn(skip)(one));
  return { chosen, strangers };
}

function splitNames(list: string): string[] {
  return list
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
}

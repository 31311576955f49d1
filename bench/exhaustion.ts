#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; GLIBC_TUNABLES=glibc.malloc.hugetlb=1 exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Runs Proofload's stressors and their peers in turn, and prints how they compare: exit 0 when every target is reached, else 1. */
import { tmpdir } from "node:os";
import { EXIT } from "../lib/report/verdict.ts";
import { readCommandLine } from "../lib/scenario/command-line.ts";
import { count } from "../lib/scenario/number-options.ts";
import { optional } from "../lib/scenario/option.ts";
import { flagName, resolveSettings } from "../lib/scenario/settings.ts";
import { flag, folder, text } from "../lib/scenario/text-options.ts";
import { type Contest, hold } from "./contest.ts";
import { contestFullCpu, contestPartialCpu } from "./cpu.ts";
import { contestDescriptors } from "./descriptors.ts";
import { contestEnospc, contestWrite } from "./disk.ts";
import { judge, type Result } from "./judgement.ts";
import { contestMemory } from "./memory.ts";
import { renderTable } from "./table.ts";
import { openWorkbench, type Workbench } from "./workbench.ts";

const CONTESTS: Readonly<Record<string, (bench: Workbench) => Contest>> = {
  "cpu-full": contestFullCpu,
  "cpu-partial": contestPartialCpu,
  memory: contestMemory,
  descriptors: contestDescriptors,
  write: contestWrite,
  enospc: contestEnospc,
};

const options = {
  pairs: count({ default: "5", min: "1", help: "how often each side is measured, after a warm-up" }),
  only: optional(
    text({
      default: "",
      placeholder: "NAME,…",
      help: `some of ${Object.keys(CONTESTS).join(", ")}`,
      accepts: refuseNames,
    }),
    "all",
  ),
  dir: folder({ default: tmpdir(), help: "where 2 GiB are written, in a private folder" }),
  json: flag({ help: "print the results as one JSON document" }),
};

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  const { flags, help, mistakes } = readCommandLine(options, words);
  if (help) {
    console.log(renderHelp());
    return EXIT.pass;
  }
  const size = { share: 1, why: "" };
  const resolved = resolveSettings(options, { flags, environment: {}, profile: "development", size });
  const wrong = [...mistakes, ...resolved.mistakes];
  if (wrong.length > 0) {
    console.error([...wrong, "See: bench/exhaustion.ts --help"].join("\n"));
    return EXIT.usage;
  }
  const { pairs, only, dir, json } = resolved.values;
  const results = await compare(only?.split(",") ?? Object.keys(CONTESTS), pairs, dir);
  console.log(json ? JSON.stringify(results) : renderTable(results));
  return results.some(({ outcome }) => outcome === "short") ? EXIT.fail : EXIT.pass;
}

async function compare(names: readonly string[], pairs: number, dir: string): Promise<Result[]> {
  const bench = openWorkbench(dir);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      bench.close();
      process.exit(EXIT[signal]);
    });
  }
  try {
    const results: Result[] = [];
    for (const name of names) {
      const contest = CONTESTS[name]?.(bench);
      if (!contest) continue;
      const recording = await hold(contest, pairs, (line) => console.error(line));
      results.push(...contest.rows.map((row) => judge(row, contest, recording)));
    }
    return results;
  } finally {
    bench.close();
  }
}

function refuseNames(names: string): string | null {
  const known = Object.keys(CONTESTS);
  return names.split(",").every((name) => known.includes(name)) ? null : `names out of ${known.join(", ")}`;
}

function renderHelp(): string {
  const rows = Object.entries(options).map(([key, { placeholder, help, format, default: value }]) => [
    `  --${flagName(key)} ${placeholder}`.trimEnd(),
    placeholder === "" ? help : `${help} [${format(value as never)}]`,
  ]);
  return [
    "bench/exhaustion.ts [options]",
    "",
    "Runs Proofload's stressors and their peers (stress-ng, dd, fallocate, small C programs) in turn, a warm-up first, and",
    "prints the ratios of the medians with their spread over the pairs, beside what is to be reached.",
    "",
    ...rows.map(([name = "", help]) => `${name.padEnd(18)} ${help}`),
    "",
    "Exit codes: 0 every target reached (and what could not run was skipped), 1 not, 2 usage.",
  ].join("\n");
}

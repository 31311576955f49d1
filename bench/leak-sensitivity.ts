#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Measures what leaks the trend verdict finds, and what it calls healthy: exit 0 when what the README says of it is so, else 1. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { TEMPORARY_PREFIX } from "../lib/host/temporary-name.ts";
import { EXIT } from "../lib/report/verdict.ts";
import { readCommandLine } from "../lib/scenario/command-line.ts";
import { interruptedBy, interruptible } from "../lib/scenario/interruption.ts";
import { count } from "../lib/scenario/number-options.ts";
import { optional, type Values } from "../lib/scenario/option.ts";
import { flagName, resolveSettings } from "../lib/scenario/settings.ts";
import { flag, text } from "../lib/scenario/text-options.ts";
import { type LiveResult, soakPlants } from "./leak-sensitivity/live.ts";
import { findMisses, renderLive } from "./leak-sensitivity/live-table.ts";
import { choosePlants } from "./leak-sensitivity/plants.ts";
import { judgeRecorded, renderRecorded } from "./leak-sensitivity/recorded.ts";

const options = {
  kinds: flag({ help: "a row for each kind of process, not only for each set of recordings" }),
  live: flag({ help: "soak the hub as well, with leaks of known sizes and with health: half an hour" }),
  repeats: count({ default: "3", min: "1", help: "live: runs of each" }),
  jobs: count({
    default: "3",
    min: "1",
    max: "64",
    help: "live: runs at a time; a hub under light traffic takes an eighth of a core",
  }),
  only: optional(
    text({
      default: "",
      placeholder: "TEXT,…",
      help: "live: what has one of these in its name",
      accepts: (parts) =>
        choosePlants(parts.split(",")).length > 0 ? null : "part of a name in the table of --live",
    }),
    "everything",
  ),
  out: optional(
    text({ default: "", placeholder: "DIR", help: "live: where the reports stay" }),
    "they are not kept",
  ),
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
    console.error([...wrong, "See: bench/leak-sensitivity.ts --help"].join("\n"));
    return EXIT.usage;
  }
  const { kinds, json, live } = resolved.values;
  const recorded = judgeRecorded();
  if (!json) console.log(renderRecorded(kinds ? recorded.byKind : recorded.bySet));
  const signal = live ? interruptible() : null;
  const soaked = signal ? await soakInFolder(resolved.values, signal) : null;
  if (!json && soaked) console.log(`\n${renderLive(soaked)}`);
  const broken = [...recorded.broken, ...(soaked ? findMisses(soaked) : [])];
  if (json) console.log(JSON.stringify({ recorded, live: soaked, broken }));
  if (broken.length > 0) console.error(broken.join("\n"));
  const interrupted = signal && interruptedBy(signal);
  if (interrupted) return EXIT[interrupted];
  return broken.length > 0 ? EXIT.fail : EXIT.pass;
}

async function soakInFolder(
  { repeats, jobs, only, out }: Values<typeof options>,
  signal: AbortSignal,
): Promise<LiveResult> {
  const folder = out === null ? mkdtempSync(join(tmpdir(), `${TEMPORARY_PREFIX}bench-`)) : resolve(out);
  mkdirSync(folder, { recursive: true });
  const plants = choosePlants(only?.split(",") ?? [""]);
  const tell = (line: string) => console.error(line);
  try {
    return await soakPlants({ repeats, jobs, plants, out: folder, signal, tell });
  } finally {
    if (out === null) rmSync(folder, { recursive: true });
  }
}

function renderHelp(): string {
  return [
    "bench/leak-sensitivity.ts [options]",
    "",
    "Judges recordings of real processes, healthy and leaking (lib/stats/fixtures), by the trend verdict and by what most",
    "people judge memory by, and prints how often each is right. With --live it lets idle-soak find leaks of known sizes,",
    "on this machine, and spare what is healthy.",
    "",
    ...Object.entries(options).map(([key, { placeholder, help, format, default: value }]) => {
      const usual = placeholder === "" ? "" : ` [${format(value as never)}]`;
      return `  ${`--${flagName(key)} ${placeholder}`.padEnd(16)} ${help}${usual}`;
    }),
    "",
    "Exit codes: 0 nothing healthy called growing, fewer than 5 % of recorded leaks called level, and each live one found in",
    "time; 1 not so, 2 usage.",
  ].join("\n");
}

#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Measures what leaks the trend verdict finds, and what it calls healthy: exit 0 when what the README says of it is so, else 1. */
import { EXIT } from "../lib/report/verdict.ts";
import { readCommandLine } from "../lib/scenario/command-line.ts";
import { flagName, resolveSettings } from "../lib/scenario/settings.ts";
import { flag } from "../lib/scenario/text-options.ts";
import { judgeRecorded, renderRecorded } from "./leak-sensitivity/recorded.ts";

const options = {
  kinds: flag({ help: "a row for each kind of process, not only for each set of recordings" }),
  json: flag({ help: "print the results as one JSON document" }),
};

process.exitCode = main(process.argv.slice(2));

function main(words: readonly string[]): number {
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
  const result = judgeRecorded();
  if (resolved.values.json) console.log(JSON.stringify(result));
  else console.log(renderRecorded(resolved.values.kinds ? result.byKind : result.bySet));
  if (result.broken.length > 0) console.error(result.broken.join("\n"));
  return result.broken.length > 0 ? EXIT.fail : EXIT.pass;
}

function renderHelp(): string {
  return [
    "bench/leak-sensitivity.ts [options]",
    "",
    "Judges recordings of real processes, healthy and leaking (lib/stats/fixtures), by the trend verdict and by what most",
    "people judge memory by, and prints how often each is right.",
    "",
    ...Object.entries(options).map(([key, { help }]) => `  ${`--${flagName(key)}`.padEnd(10)} ${help}`),
    "",
    "Exit codes: 0 no healthy recording called growing and fewer than 5 % of leaks called level, 1 not so, 2 usage.",
  ].join("\n");
}

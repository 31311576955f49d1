/** A scenario's `--help`, made from the scenario itself. */
import { commonOptions } from "./common-options.ts";
import type { Options } from "./option.ts";
import {
  type Described,
  GROUPS,
  type Group,
  ownSentences,
  standardSentences,
  targetSentences,
} from "./sentences.ts";
import { flagName, variableName } from "./settings.ts";
import { targetOptions } from "./target-options.ts";

const HEADINGS: Record<Group, string> = {
  applied: "The load was really there, else the verdict is inconclusive:",
  held: "Must stay true during the load:",
  recovered: "Must be true after it:",
};

export function renderHelp(script: string, scenario: Described): Promise<string> {
  const invariants = describeInvariants(scenario);
  return renderOptions(`${script} [options]\n\n${scenario.summary}\n\n${invariants}`, {
    "Of this scenario:": scenario.options,
    "What is put under load, or runs beside it:": scenario.target?.role === "none" ? {} : targetOptions,
    "Of every scenario:": commonOptions,
  });
}

/** Options by heading, wrapped to the terminal; each with its default and what it is called in the environment. */
export async function renderOptions(
  usage: string,
  groups: Readonly<Record<string, Options>>,
): Promise<string> {
  // whoever asks for no help does not wait for it
  const { default: yargs } = await import("yargs");
  let parser = yargs([])
    .scriptName("")
    .usage(usage)
    .help(false)
    .version(false)
    .wrap(Math.min(100, process.stdout.columns || 80))
    .updateStrings({ "default:": "default" });
  for (const [heading, options] of Object.entries(groups)) {
    for (const [key, option] of Object.entries(options)) {
      const { placeholder, help } = option;
      const shown = option.profile ? "by profile" : option.format(option.default);
      parser = parser.option(flagName(key), {
        describe: placeholder === "" ? help : `${placeholder}: ${help}`,
        group: heading,
        ...(placeholder !== "" && { defaultDescription: shown, default: shown }),
      });
    }
  }
  const [example] = Object.values(groups).flatMap((options) => Object.entries(options));
  const variable = example ? variableName(...example) : "PROOFLOAD_OUT";
  return parser
    .epilogue(
      [
        `Durations take units (500ms, 90s, 2h; bare: seconds), sizes too (64MiB, 2GB; bare: bytes), shares are 85% or 0.85.`,
        `Each option has a name in the environment too: ${variable} for the first one here.`,
        `Exit codes: 0 pass, 1 fail, 2 usage, 3 inconclusive, 70 our own error, 75 another run holds the lock, 77 skipped, 130 and 143 interrupted.`,
      ].join("\n"),
    )
    .getHelp();
}

function describeInvariants(scenario: Described): string {
  const sections = GROUPS.map((group) =>
    listSentences(HEADINGS[group], [...ownSentences(scenario, group), ...standardSentences(group)]),
  );
  const { role } = scenario.target ?? { role: "beside" };
  if (role === "beside" || role === "loaded")
    sections.push(listSentences("And of the target, if there is one:", GROUPS.flatMap(targetSentences)));
  return sections.join("\n");
}

function listSentences(heading: string, sentences: readonly string[]): string {
  return [heading, ...sentences.map((sentence) => `  - ${sentence}`)].join("\n");
}

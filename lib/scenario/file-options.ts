/** The options that a target file gives to a scenario: its own, by its name, and under "*" those that every scenario has. */
import { existsSync } from "node:fs";
import { ownFile } from "../own-file.ts";
import { suggest } from "./command-line.ts";
import { commonOptions } from "./common-options.ts";
import type { Options } from "./option.ts";
import { flagName } from "./settings.ts";
import { targetOptions } from "./target-options.ts";

interface FileOptions {
  /** By name without dashes. */
  readonly options: Readonly<Record<string, string>>;
  readonly mistakes: readonly string[];
}

/** Says what is put under load, for which the file has fields; or is needed before the file is read. */
const NOT_HERE = new Map<string, string>([
  ...["target", "target-command", "target-pid", "target-url", "target-ready", "target-health"].map(inFile),
  ...["target-inspector", "gauge"].map(inFile),
  ...["allow-remote", "profile", "smoke"].map((name): [string, string] => [
    name,
    `--${name} with the command`,
  ]),
]);

const SHARED = names({ ...commonOptions, ...targetOptions });

/** `all`: the options of the scenario of this name. What the file says for other scenarios is theirs to judge. */
export function readFileOptions(
  scenario: string,
  all: Options,
  groups: Readonly<Record<string, Readonly<Record<string, string>>>>,
): FileOptions {
  const mistakes: string[] = [];
  const options: Record<string, string> = {};
  // what is said for this scenario counts more than what is said for all
  for (const group of ["*", scenario]) {
    const known = group === "*" ? SHARED : names(all);
    for (const [name, text] of Object.entries(groups[group] ?? {})) {
      const mistake = refuse(group, name, known);
      if (mistake) mistakes.push(mistake);
      else options[name] = text;
    }
  }
  for (const group of Object.keys(groups)) {
    if (group !== "*" && group !== scenario && !isScenario(group))
      mistakes.push(
        `Cannot take options for "${group}" from the target file: expected a scenario's name, or "*" for all`,
      );
  }
  return { options, mistakes };
}

function refuse(group: string, name: string, known: readonly string[]): string | null {
  const place = `Cannot take option ${name} for "${group}" from the target file`;
  const instead = NOT_HERE.get(name);
  if (instead !== undefined) return `${place}: expected ${instead}`;
  if (known.includes(name)) return null;
  const reason = group === "*" ? "it is none that every scenario has" : "there is no such option";
  return `${place}: ${reason}${suggest(name, known)}`;
}

function inFile(name: string): [string, string] {
  return [name, "it as a field of the file"];
}

function names(options: Options): string[] {
  return Object.keys(options).map(flagName);
}

/** By its file: importing all of them takes longer than a command line should. */
function isScenario(name: string): boolean {
  return /^[a-z][a-z-]*$/.test(name) && existsSync(ownFile(`scripts/${name}`));
}

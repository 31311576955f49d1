/** Reads a command line into texts by option, and says everything that is wrong with its words. */
import parse from "yargs-parser";
import type { Options } from "./option.ts";
import { flagName } from "./settings.ts";

export interface CommandLine {
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly help: boolean;
  /** Words that belong to no option, where the program takes such. */
  readonly operands: readonly string[];
  readonly mistakes: readonly string[];
}

/** `operands` says whether words without an option before them are taken: files, say. Otherwise each is a mistake. */
export function readCommandLine(
  options: Options,
  words: readonly string[],
  takes: { readonly operands: boolean } = { operands: false },
): CommandLine {
  const keys = Object.keys(options);
  const isFlag = (key: string) => options[key]?.placeholder === "";
  const takesValue = new Set(keys.filter((key) => !isFlag(key)).map((key) => `--${flagName(key)}`));
  const parsed: Record<string, unknown> & { readonly _: readonly unknown[] } = parse(
    joinPhrases(words, takesValue),
    {
      boolean: ["help", ...keys.filter(isFlag).map(flagName)],
      string: keys.filter((key) => !isFlag(key)).map(flagName),
      alias: { help: ["h"] },
      configuration: {
        "camel-case-expansion": false,
        "dot-notation": false,
        "parse-numbers": false,
        "parse-positional-numbers": false,
        "short-option-groups": false,
        "duplicate-arguments-array": true,
      },
    },
  );

  const flags = new Map<string, string[]>();
  const negated: string[] = [];
  for (const key of keys) {
    const value = parsed[flagName(key)];
    if (value === undefined) continue;
    if (value === false && !isFlag(key))
      negated.push(`Cannot take --no-${flagName(key)}: expected a value for it`);
    else flags.set(key, isFlag(key) ? readFlag(flagName(key), words, value) : [value].flat().map(String));
  }
  const operands = parsed._.map(String);
  const misplaced = operands.map(
    (word) => `Cannot take "${word}": expected only options, each with two dashes`,
  );
  return {
    flags,
    help: parsed.help === true,
    operands,
    mistakes: [
      ...negated,
      ...findStrangers(parsed, keys.map(flagName)),
      ...(takes.operands ? [] : misplaced),
    ],
  };
}

/** Words in one, as in `--hub "--ring 50"`, are a value: no option has a blank in its name. */
function joinPhrases(words: readonly string[], takesValue: ReadonlySet<string>): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const before = joined.at(-1);
    if (before !== undefined && takesValue.has(before) && /^-.*\s/.test(word))
      joined.splice(-1, 1, `${before}=${word}`);
    else joined.push(word);
  }
  return joined;
}

/** What was written after --flag=, since the parser takes anything but "true" there for no. */
function readFlag(name: string, words: readonly string[], value: unknown): string[] {
  const written = words.filter((word) => word.startsWith(`--${name}=`));
  return written.length === 0 ? [String(value)] : written.map((word) => word.slice(name.length + 3));
}

function findStrangers(parsed: Record<string, unknown>, names: readonly string[]): string[] {
  const expected = new Set([...names, "help", "h", "_", "$0"]);
  const unknown = Object.keys(parsed).filter((name) => !expected.has(name));
  return unknown.map((name) => {
    const dashes = name.length === 1 ? "-" : "--";
    return `Cannot take ${dashes}${name}: there is no such option${suggest(name, names)}`;
  });
}

/** The end of a sentence about a name that there is not. */
export function suggest(name: string, names: readonly string[]): string {
  const [closest] = names
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .filter(({ distance }) => distance <= 2)
    .sort((a, b) => a.distance - b.distance);
  return closest ? `; did you mean --${closest.candidate}?` : "; --help lists them";
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const previous = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitute, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
  }
  return row[b.length] ?? 0;
}

/** The sentences of a scenario's invariants, with its options' values in them: for reports, help and lists alike. */
import { allOptions, commonOptions } from "./common-options.ts";
import type { Option, Options } from "./option.ts";
import { standardInvariants } from "./standard-invariants.ts";
import { targetInvariants } from "./target-invariants.ts";
import { targetOptions } from "./target-options.ts";

export const GROUPS = ["applied", "held", "recovered"] as const;
export type Group = (typeof GROUPS)[number];

/** Puts the value of each option where the sentence names it: "within {hold}" becomes "within 30 s". */
export function fillIn(
  sentence: string,
  options: Options,
  values: Readonly<Record<string, unknown>>,
): string {
  return sentence.replace(/\{(\w+)\}/g, (_, key: string) => {
    const option: Option<unknown> | undefined = options[key];
    if (!option) throw new Error(`Cannot write "${sentence}": expected the name of an option, got {${key}}`);
    return option.format(values[key]);
  });
}

/** What any scenario tells of itself, whatever its evidence. */
export interface Described {
  readonly summary: string;
  readonly group: string;
  readonly options: Options;
  readonly target?: { readonly role: "beside" | "loaded" | "driven" | "none" };
  readonly environment?: Readonly<Record<string, string>>;
  readonly invariants: Readonly<Record<Group, Readonly<Record<string, unknown>>>>;
}

/** What a scenario itself promises, as its options' defaults make it. */
export function ownSentences(scenario: Described, group: Group): string[] {
  return atDefaults(Object.keys(scenario.invariants[group]), allOptions(scenario));
}

/** What every scenario promises beside. */
export function standardSentences(group: Group): string[] {
  return atDefaults(Object.keys(standardInvariants[group]), commonOptions);
}

/** What it promises of its target. */
export function targetSentences(group: Group): string[] {
  return atDefaults(Object.keys(targetInvariants[group]), targetOptions);
}

function atDefaults(sentences: readonly string[], options: Options): string[] {
  const defaults = Object.fromEntries(Object.entries(options).map(([key, option]) => [key, option.default]));
  return sentences.map((sentence) => fillIn(sentence, options, defaults));
}

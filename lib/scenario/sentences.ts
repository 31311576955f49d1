/** The sentences of a scenario's invariants, with its options' values in them: for reports, help and lists alike. */
import type { Option, Options } from "./option.ts";
import { standardInvariants } from "./standard-invariants.ts";

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
  readonly environment?: Readonly<Record<string, string>>;
  readonly invariants: Readonly<Record<Group, Readonly<Record<string, unknown>>>>;
}

/** Every sentence of a group, the scenario's own first. */
export function sentencesOf(scenario: Described, group: Group): string[] {
  return [...Object.keys(scenario.invariants[group]), ...Object.keys(standardInvariants[group])];
}

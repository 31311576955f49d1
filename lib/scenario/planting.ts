/** The options by which something is planted on purpose: what a scenario has to catch, or not to fall for. */
import { type Option, optional } from "./option.ts";
import { some } from "./text-options.ts";

/** A fault or behaviour and the scenario that it is made for. */
export type Planted = Readonly<Record<string, { readonly scenario: string }>>;

export function namesFor<N extends string>(
  scenario: string,
  table: Readonly<Record<N, { readonly scenario: string }>>,
): N[] {
  return (Object.keys(table) as N[]).filter((name) => table[name].scenario === scenario);
}

export function plant<N extends string>(names: readonly N[], help: string): Option<readonly N[] | null> {
  return optional(some(names, { help }), "none");
}

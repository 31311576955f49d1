/** The options by which something is planted on purpose: what a scenario has to catch, or not to fall for. */
import { type Option, optional } from "./option.ts";
import { some } from "./text-options.ts";

/** A fault or behaviour and the scenario that it is made for. */
export type Planted = Readonly<Record<string, { readonly scenario: string }>>;

/** Those of one scenario. */
export function namesFor<S extends string, T extends Planted>(scenario: S, table: T): NamesFor<S, T>[] {
  return Object.keys(table).filter((name): name is NamesFor<S, T> => table[name]?.scenario === scenario);
}

type NamesFor<S extends string, T extends Planted> = {
  [N in keyof T & string]: S extends T[N]["scenario"] ? N : never;
}[keyof T & string];

export function plant<N extends string>(names: readonly N[], help: string): Option<readonly N[] | null> {
  return optional(some(names, { help }), "none");
}

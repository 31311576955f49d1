/** Tells what there is more of than before, when things have names that differ in numbers. */

export interface NamedThing {
  readonly name: string;
}

/** Numbers, and identities in hexadecimal: what tells things of one kind apart. */
const VARYING = /(?<![0-9a-z])[0-9a-f]{8,}(?:-[0-9a-f]{4,})*(?![0-9a-z])|\d+/gi;
/** So many of the values in which they differ are named. */
const EXAMPLES = 3;

/** "3 × socket 127.0.0.1:8080 ← 127.0.0.1:* CLOSE_WAIT (52110, 52114, 52116)", most first, and a line for what is beyond `most`. */
export function tellGrowth(
  before: readonly NamedThing[],
  after: readonly NamedThing[],
  most: number,
): string[] {
  const then = groupByKind(before);
  const grown = [...groupByKind(after)]
    .map(([kind, names]) => ({ names: newest(then.get(kind) ?? [], names) }))
    .filter(({ names }) => names.length > 0)
    .sort((a, b) => b.names.length - a.names.length);
  const lines = grown.slice(0, most).map(({ names }) => `${names.length} × ${merge(names)}`);
  const rest = grown.slice(most).reduce((total, { names }) => total + names.length, 0);
  if (rest > 0) lines.push(`${rest} × ${grown.length - most} other kinds`);
  return lines;
}

function groupByKind(things: readonly NamedThing[]): Map<string, string[]> {
  const kinds = new Map<string, string[]>();
  for (const { name } of things) {
    const kind = name.replace(VARYING, "*");
    const names = kinds.get(kind);
    if (names) names.push(name);
    else kinds.set(kind, [name]);
  }
  return kinds;
}

/** As many as there are more, those first that had not been there. */
function newest(before: readonly string[], after: readonly string[]): string[] {
  const growth = after.length - before.length;
  if (growth <= 0) return [];
  const known = new Map<string, number>();
  for (const name of before) known.set(name, (known.get(name) ?? 0) + 1);
  const isKnown = (name: string) => {
    const count = known.get(name) ?? 0;
    known.set(name, count - 1);
    return count > 0;
  };
  const [old, fresh]: [string[], string[]] = [[], []];
  for (const name of after) (isKnown(name) ? old : fresh).push(name);
  return [...fresh, ...old].slice(0, growth);
}

/** One name for all: a number that they share stays, another becomes "*"; the values of the last such are named. */
function merge(names: readonly string[]): string {
  const columns = names.map((name) => name.match(VARYING) ?? []);
  const [first = []] = columns;
  const varies = first.map((value, at) => columns.some((column) => column[at] !== value));
  let at = 0;
  const pattern = (names[0] ?? "").replace(VARYING, (value) => (varies[at++] ? "*" : value));
  const last = varies.lastIndexOf(true);
  if (last === -1) return pattern;
  const values = [...new Set(columns.map((column) => column[last] ?? ""))];
  const more = values.length > EXAMPLES ? ", …" : "";
  return `${pattern} (${values.slice(0, EXAMPLES).join(", ")}${more})`;
}

/** The cycles of a project as a picture: each knot of modules by itself, and the imports to cut. */
import type { Picture } from "../report/report.ts";
import type { Survey } from "../source/survey.ts";

type Tangled = Survey["tangle"][number];

/** More names in a circle cannot be read, and more circles nobody looks at. */
const MOST_MODULES = 40;
const MOST_GROUPS = 6;

/** Null where there is no cycle. */
export function pictureCycles({ tangle, cuts }: Pick<Survey, "tangle" | "cuts">): Picture | null {
  if (tangle.length === 0) return null;
  const knots = groupTangled(tangle).sort((a, b) => b.length - a.length);
  const isCut = new Set(cuts.map(({ file, to }) => `${file} ${to}`));
  const drawn = knots
    .slice(0, MOST_GROUPS)
    .map((names) => drawKnot(names.slice(0, MOST_MODULES), tangle, isCut));
  const left = knots.flatMap((names, index) => names.slice(index < MOST_GROUPS ? MOST_MODULES : 0)).length;
  return {
    caption: "Who imports whom in a circle",
    groups: drawn,
    legend: { plain: "while loading", weak: "only later, when it is called", cut: "to cut" },
    left: left > 0 ? `${left} more modules are in cycles: report.json names them.` : null,
  };
}

/** Modules that are joined, whichever way, with the most imports first. */
function groupTangled(tangle: readonly Tangled[]): string[][] {
  const groupOf = new Map<string, Set<string>>();
  for (const { from, to } of tangle) {
    const joined = new Set([from, to, ...(groupOf.get(from) ?? []), ...(groupOf.get(to) ?? [])]);
    for (const name of joined) groupOf.set(name, joined);
  }
  return [...new Set(groupOf.values())].map((group) => [...group].sort());
}

function drawKnot(
  nodes: readonly string[],
  tangle: readonly Tangled[],
  isCut: ReadonlySet<string>,
): Picture["groups"][number] {
  const places = new Map(nodes.map((name, index) => [name, index]));
  const arrows = tangle.flatMap(({ from, to, when }) => {
    const ends = [places.get(from), places.get(to)] as const;
    if (ends[0] === undefined || ends[1] === undefined) return [];
    const style = isCut.has(`${from} ${to}`) ? "cut" : when === "load" ? "plain" : "weak";
    return [{ from: ends[0], to: ends[1], style } as const];
  });
  return { nodes, arrows };
}

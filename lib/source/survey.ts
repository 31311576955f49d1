/** What is to be known of a project's imports: who imports whom, in which circles, and what to cut. */
import { arrowsOf, type Cut, findCuts } from "./cuts.ts";
import { findCycles } from "./cycles.ts";
import type { When } from "./import.ts";
import { type Arrow, followersOf, type ImportGraph, readImportGraph } from "./import-graph.ts";
import { remember } from "./remember.ts";

/** One step of a cycle: the import that stands in a file leads to the next one. */
interface Step {
  readonly file: string;
  readonly line: number;
  /** `load`: while its module is being loaded; `deferred`: only later, when something is called. */
  readonly when: When;
  readonly conditional: boolean;
}

export interface KnownCycle {
  /** In the order of the imports; the last leads back to the first. */
  readonly steps: readonly Step[];
}

/** An import to take out. */
export interface KnownCut {
  readonly file: string;
  /** Where it stands: the same module may be imported more than once. */
  readonly lines: readonly number[];
  readonly to: string;
  /** How many cycles it opens, of those that the cuts before it have left. */
  readonly opens: number;
}

export interface Survey {
  readonly modules: number;
  readonly imports: number;
  /** Of which types alone are meant: never carried out. */
  readonly typeImports: number;
  readonly unread: readonly string[];
  readonly missing: readonly string[];
  readonly passedOver: Readonly<Record<string, number>>;
  /** The shortest cycle through each module that is in one, each once; the shortest first. */
  readonly cycles: readonly KnownCycle[];
  readonly cuts: readonly KnownCut[];
  /** Between modules that are in cycles: all there is to draw. */
  readonly tangle: readonly { readonly from: string; readonly to: string; readonly when: When }[];
  readonly threads: number;
  readonly tookMs: number;
}

export interface Wish {
  readonly project: string;
  readonly exclude: readonly string[];
  /** Which imports make a cycle. */
  readonly follow: readonly When[];
}

export async function surveyImports({ project, exclude, follow }: Wish): Promise<Survey> {
  const startMs = performance.now();
  const graph = await readImportGraph(project, { exclude });
  const { modules, arrows, unread, missing, passedOver, threads } = graph;
  return {
    modules: modules.length,
    imports: arrows.length,
    typeImports: arrows.filter(({ when }) => when === "type").length,
    ...{ unread, missing, passedOver, threads },
    ...summarize(graph, follow),
    tookMs: performance.now() - startMs,
  };
}

/** The cycles of a graph by these imports, and the way out. */
export function summarize(
  graph: ImportGraph,
  follow: readonly When[],
): Pick<Survey, "cycles" | "cuts" | "tangle"> {
  const { modules, arrows } = graph;
  const when = new Set(follow);
  const followers = followersOf(graph, when);
  const cycles = findCycles(followers);
  const between = groupByEnds(arrows, when);
  const cyclic = new Set(cycles.flat());
  const name = (module: number) => modules[module] ?? "";
  const inCycle = (from: number) => (followers[from] ?? []).filter((to) => cyclic.has(to));
  return {
    cycles: cycles.map((cycle) => ({
      steps: arrowsOf(cycle).map((ends) => describeStep(ends, between, graph)),
    })),
    cuts: findCuts(followers, cycles).map((cut) => describeCut(cut, between, graph)),
    tangle: [...cyclic].flatMap((from) =>
      inCycle(from).map((to) => ({
        ...{ from: name(from), to: name(to) },
        when: soonest(between, [from, to])?.when ?? "load",
      })),
    ),
  };
}

type Ends = readonly [from: number, to: number];
type Between = ReadonlyMap<string, readonly Arrow[]>;

/** The imports between each two modules, those first that are carried out first. */
function groupByEnds(arrows: readonly Arrow[], when: ReadonlySet<When>): Between {
  const groups = new Map<string, Arrow[]>();
  for (const arrow of arrows) {
    if (!when.has(arrow.when)) continue;
    remember(groups, keyOf([arrow.from, arrow.to]), () => []).push(arrow);
  }
  for (const group of groups.values()) group.sort((a, b) => ORDER[a.when] - ORDER[b.when] || a.line - b.line);
  return groups;
}

const ORDER: Readonly<Record<When, number>> = { load: 0, deferred: 1, type: 2 };

function keyOf([from, to]: Ends): string {
  return `${from} ${to}`;
}

function soonest(between: Between, ends: Ends): Arrow | undefined {
  return between.get(keyOf(ends))?.[0];
}

function describeStep(ends: Ends, between: Between, { modules }: ImportGraph): Step {
  const arrow = soonest(between, ends);
  const [from] = ends;
  const { line = 0, when = "load", conditional = false } = arrow ?? {};
  return { file: modules[from] ?? "", line, when, conditional };
}

function describeCut({ from, to, opens }: Cut, between: Between, { modules }: ImportGraph): KnownCut {
  const lines = (between.get(keyOf([from, to])) ?? []).map(({ line }) => line);
  return { file: modules[from] ?? "", lines, to: modules[to] ?? "", opens };
}

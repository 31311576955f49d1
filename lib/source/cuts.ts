/**
 * Which arrows of a graph to cut so that no cycle is left: a small feedback arc set, the best arrow first. The smallest is
 * NP-hard to find (Karp, 1972); this one is greedy, and none of its arrows can be left out.
 */
import { type Adjacency, findComponents } from "./components.ts";
import { findCycles } from "./cycles.ts";

export interface Cut {
  readonly from: number;
  readonly to: number;
  /** Of the cycles that were still there when its turn came. */
  readonly opens: number;
}

/** Cuts the arrow on most of the cycles, again and again. Where the shortest cycles are open, longer ones may be left: the next round's. `found`: its cycles, where they are known. */
export function findCuts(followers: Adjacency, found = findCycles(followers)): Cut[] {
  const left = followers.map((set) => new Set(set));
  const cuts: Cut[] = [];
  for (let cycles = found; cycles.length > 0; cycles = findCycles(toLists(left))) {
    let closed = cycles;
    while (closed.length > 0) {
      const cut = busiestArrow(closed);
      cuts.push(cut);
      left[cut.from]?.delete(cut.to);
      closed = closed.filter((cycle) => !runsThrough(cycle, cut));
    }
  }
  return withoutNeedless(cuts, left);
}

function toLists(sets: readonly ReadonlySet<number>[]): number[][] {
  return sets.map((set) => [...set]);
}

function busiestArrow(cycles: readonly (readonly number[])[]): Cut {
  const counts = new Map<string, Cut>();
  for (const cycle of cycles)
    for (const [from, to] of arrowsOf(cycle)) {
      const key = `${from} ${to}`;
      counts.set(key, { from, to, opens: (counts.get(key)?.opens ?? 0) + 1 });
    }
  return [...counts.values()].reduce((best, one) => (one.opens > best.opens ? one : best));
}

/** Its arrows, the last leading back to the first node. */
export function arrowsOf(cycle: readonly number[]): (readonly [from: number, to: number])[] {
  return cycle.map((from, index) => [from, cycle[(index + 1) % cycle.length] ?? from]);
}

function runsThrough(cycle: readonly number[], { from, to }: Cut): boolean {
  const at = cycle.indexOf(from);
  return at !== -1 && cycle[(at + 1) % cycle.length] === to;
}

/** A later cut may have opened what an earlier, weaker one was made for. */
function withoutNeedless(cuts: readonly Cut[], left: readonly Set<number>[]): Cut[] {
  const weakestFirst = [...cuts].sort((a, b) => a.opens - b.opens);
  const needless = weakestFirst.filter(({ from, to }) => {
    left[from]?.add(to);
    const closesAgain = findComponents(toLists(left)).length > 0;
    if (closesAgain) left[from]?.delete(to);
    return !closesAgain;
  });
  return cuts.filter((cut) => !needless.includes(cut));
}

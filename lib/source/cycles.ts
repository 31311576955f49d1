/** The cycles of a graph that a reader has to know: the shortest through each of its cyclic nodes, each cycle once. */
import { type Adjacency, findComponents } from "./components.ts";

/**
 * Each cycle begins with its lowest node; the shortest come first. There may be exponentially many others, all of them
 * within the same components. Takes at most (nodes x edges) of a component.
 */
export function findCycles(followers: Adjacency): number[][] {
  const search = createSearch(followers);
  const found = new Map<string, number[]>();
  for (const component of findComponents(followers))
    for (const node of component) {
      const cycle = beginWithLowest(search(node));
      found.set(cycle.join(), cycle);
    }
  return [...found.values()].sort((a, b) => a.length - b.length || compare(a, b));
}

/** Breadth first from a node, until it comes back to it. What was seen is forgotten by counting the searches. */
function createSearch(followers: Adjacency): (start: number) => number[] {
  const seenIn = new Uint32Array(followers.length);
  const before = new Uint32Array(followers.length);
  let searches = 0;
  return (start) => {
    searches++;
    const open = [start];
    for (let at = 0; at < open.length; at++) {
      const node = open[at] ?? start;
      for (const follower of followers[node] ?? []) {
        if (follower === start) return trace(start, node, before);
        if (seenIn[follower] === searches) continue;
        seenIn[follower] = searches;
        before[follower] = node;
        open.push(follower);
      }
    }
    return [];
  };
}

function trace(start: number, last: number, before: Uint32Array): number[] {
  const path = [last];
  for (let node = last; node !== start; path.push(node)) node = before[node] ?? start;
  return path.reverse();
}

function beginWithLowest(cycle: readonly number[]): number[] {
  const at = cycle.indexOf(Math.min(...cycle));
  return [...cycle.slice(at), ...cycle.slice(0, at)];
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, node] of a.entries()) if (node !== b[index]) return node - (b[index] ?? 0);
  return 0;
}

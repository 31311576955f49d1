/** Components, cycles and cuts, on graphs whose answer is known and on random ones against slow but plain reckoning. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../stress/random.ts";
import { type Adjacency, findComponents, toAdjacency } from "./components.ts";
import { arrowsOf, findCuts } from "./cuts.ts";
import { findCycles } from "./cycles.ts";

const RING = toAdjacency(3, [
  [0, 1],
  [1, 2],
  [2, 0],
]);

/** Five modules in a ring, and two shorter ways through it, over and over: three rings, each of five modules. */
const OVERLAPPING = toAdjacency(
  15,
  [0, 5, 10].flatMap((first) =>
    [
      ...[0, 1, 2, 3, 4].map((step) => [first + step, first + ((step + 1) % 5)] as const),
      [first + 2, first] as const,
      [first + 4, first + 2] as const,
    ].concat([[first, (first + 5) % 15]]),
  ),
);

/** Whether one leads to the other, by every way. */
function reaches(followers: Adjacency, from: number, to: number): boolean {
  const seen = new Set(followers[from]);
  for (const node of seen) for (const next of followers[node] ?? []) seen.add(next);
  return seen.has(to);
}

/** Bellman's: the fewest steps from a node back to itself. */
function shortestThrough(followers: Adjacency, node: number): number {
  let reached = new Set(followers[node]);
  for (let length = 1; length <= followers.length; length++) {
    if (reached.has(node)) return length;
    reached = new Set([...reached].flatMap((one) => followers[one] ?? []));
  }
  return Infinity;
}

function randomGraph(seed: number): Adjacency {
  const random = createRandom(seed);
  const nodes = 2 + Math.floor(random() * 14);
  const arrows = Math.floor(random() * nodes * 2.5);
  return toAdjacency(
    nodes,
    Array.from(
      { length: arrows },
      () => [Math.floor(random() * nodes), Math.floor(random() * nodes)] as const,
    ),
  );
}

test("findCycles() finds A→B→C→A, and findCuts() one import that opens it", () => {
  assert.deepEqual(findComponents(RING), [[0, 1, 2]]);
  assert.deepEqual(findCycles(RING), [[0, 1, 2]]);
  assert.deepEqual(findCuts(RING), [{ from: 0, to: 1, opens: 1 }]);
});

test("findCycles() names every one of 15 modules in overlapping cycles", () => {
  assert.deepEqual(findComponents(OVERLAPPING), [Array.from({ length: 15 }, (_, index) => index)]);
  const cyclic = new Set(findCycles(OVERLAPPING).flat());
  assert.equal(cyclic.size, 15);
});

test("a module that imports itself, and a long chain of imports, are no cycle", () => {
  assert.deepEqual(
    findCycles(
      toAdjacency(2, [
        [0, 0],
        [0, 1],
      ]),
    ),
    [],
  );
  const chain = toAdjacency(
    200_000,
    Array.from({ length: 199_999 }, (_, node) => [node, node + 1] as const),
  );
  assert.deepEqual(findComponents(chain), []);
});

test("on 500 random graphs components, shortest cycles and cuts are what plain reckoning finds", () => {
  for (let seed = 1; seed <= 500; seed++) {
    const graph = randomGraph(seed);
    const cyclic = graph.map((_, node) => node).filter((node) => reaches(graph, node, node));
    assert.deepEqual(
      findComponents(graph)
        .flat()
        .sort((a, b) => a - b),
      cyclic,
      `seed ${seed}`,
    );
    for (const component of findComponents(graph))
      for (const one of component)
        for (const other of component) assert.ok(reaches(graph, one, other), `seed ${seed}`);
    const cycles = findCycles(graph);
    for (const cycle of cycles) {
      for (const [from, to] of arrowsOf(cycle)) assert.ok(graph[from]?.includes(to), `seed ${seed}`);
      assert.equal(new Set(cycle).size, cycle.length, `seed ${seed}`);
    }
    for (const node of cyclic) {
      const shortest = Math.min(
        ...cycles.filter((cycle) => cycle.includes(node)).map(({ length }) => length),
      );
      assert.equal(shortest, shortestThrough(graph, node), `seed ${seed}, node ${node}`);
    }
    assertCuts(graph, seed);
  }
});

/** No cycle is left, and with any one of the cuts undone there is one. */
function assertCuts(graph: Adjacency, seed: number) {
  const cuts = findCuts(graph);
  const without = (skipped: (typeof cuts)[number] | null) =>
    graph.map((followers, from) =>
      followers.filter((to) => !cuts.some((cut) => cut !== skipped && cut.from === from && cut.to === to)),
    );
  assert.deepEqual(findComponents(without(null)), [], `seed ${seed}`);
  for (const cut of cuts) assert.notDeepEqual(findComponents(without(cut)), [], `seed ${seed}`);
}

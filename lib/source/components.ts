/** Strongly connected components of a directed graph. Source: Tarjan, "Depth-first search and linear graph algorithms" (1972). */

/** `followers[n]`: the nodes that node n leads to. */
export type Adjacency = readonly (readonly number[])[];

/** Ascending, each follower once, without those that lead to themselves: a module waits for nobody when it imports itself. */
export function toAdjacency(
  nodes: number,
  pairs: Iterable<readonly [from: number, to: number]>,
): readonly (readonly number[])[] {
  const followers = Array.from({ length: nodes }, () => new Set<number>());
  for (const [from, to] of pairs) if (from !== to) followers[from]?.add(to);
  return followers.map((set) => [...set].sort((a, b) => a - b));
}

/** Those of more than one node, each ascending, in the order of their first nodes. */
export function findComponents(followers: Adjacency): number[][] {
  const count = followers.length;
  // 0: not seen yet
  const order = new Uint32Array(count);
  const lowest = new Uint32Array(count);
  const isOpen = new Uint8Array(count);
  const open: number[] = [];
  const found: number[][] = [];
  let seen = 0;
  const enter = (node: number) => {
    order[node] = lowest[node] = ++seen;
    isOpen[node] = 1;
    open.push(node);
    return { node, next: 0 };
  };
  const lower = (node: number, to: number) => {
    if (to < (lowest[node] ?? 0)) lowest[node] = to;
  };
  for (let root = 0; root < count; root++) {
    if (order[root]) continue;
    // a stack of its own: a chain of imports is longer than functions can call themselves
    const path = [enter(root)];
    for (let step = path.at(-1); step; step = path.at(-1)) {
      const follower = followers[step.node]?.[step.next++];
      if (follower === undefined) {
        path.pop();
        const before = path.at(-1);
        if (before) lower(before.node, lowest[step.node] ?? 0);
        if (lowest[step.node] === order[step.node]) found.push(close(step.node, open, isOpen));
      } else if (!order[follower]) path.push(enter(follower));
      else if (isOpen[follower]) lower(step.node, order[follower] ?? 0);
    }
  }
  return found
    .filter((component) => component.length > 1)
    .map((component) => component.sort((a, b) => a - b))
    .sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

function close(node: number, open: number[], isOpen: Uint8Array): number[] {
  const component = open.splice(open.lastIndexOf(node));
  for (const member of component) isOpen[member] = 0;
  return component;
}

/** From raw readings to the few that a trend is judged by: what is left at the lowest point of each stretch of the run. */

/** One reading: how much had been repeated (or the time), when (ms), and what was read. */
export type Point = readonly [x: number, tMs: number, value: number];

/** How long after a major collection the heap is still near what lives. */
export const AFTER_COLLECTION_MS = 1000;

/** The lowest reading of each of so many blocks of equal x; blocks without a reading have none. */
export function findFloors(points: readonly Point[], blocks: number, from: number, to: number): Point[] {
  const floors: (Point | undefined)[] = new Array(blocks).fill(undefined);
  for (const point of points) {
    const block = Math.min(blocks - 1, Math.floor(((point[0] - from) / (to - from)) * blocks));
    const floor = floors[block];
    if (block >= 0 && (floor === undefined || point[2] < floor[2])) floors[block] = point;
  }
  return floors.filter((floor) => floor !== undefined);
}

/**
 * The lowest reading in the second after each major collection: the nearest that a heap comes to what lives, where nobody
 * may ask for a collection. `majorCollections` is the count at each point, null where it was not taken.
 */
export function readAfterCollections(
  points: readonly Point[],
  majorCollections: readonly (number | null)[],
): Point[] {
  const lowest = new Set<Point>();
  let before: number | null = null;
  majorCollections.forEach((collections, index) => {
    const reading = points[index];
    if (collections === null || !reading) return;
    if (before !== null && collections > before) lowest.add(findLowestWithin(points, index));
    before = collections;
  });
  return [...lowest];

  function findLowestWithin(all: readonly Point[], start: number): Point {
    let best = all[start] as Point;
    for (let at = start; at < all.length; at++) {
      const point = all[at] as Point;
      if (point[1] - (all[start] as Point)[1] >= AFTER_COLLECTION_MS) break;
      if (point[2] < best[2]) best = point;
    }
    return best;
  }
}

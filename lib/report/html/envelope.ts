/** Fewer points than were sampled, with every spike: of each column of a chart the lowest and the highest. */

/** Null where it could not be read: the line is broken there. */
export type Point = readonly [atMs: number, value: number | null];

/** In the order of time, at most two points a column and one for each gap. */
export function envelope(
  points: readonly Point[],
  { fromMs, toMs, columns }: { readonly fromMs: number; readonly toMs: number; readonly columns: number },
): Point[] {
  const kept: Point[] = [];
  let lowest: Point | null = null;
  let highest: Point | null = null;
  let column = -1;
  const flush = () => {
    if (lowest && highest)
      kept.push(...(lowest === highest ? [lowest] : [lowest, highest].sort(([a], [b]) => a - b)));
    lowest = null;
    highest = null;
  };
  for (const point of points) {
    const [atMs, value] = point;
    const at = Math.floor(((atMs - fromMs) / (toMs - fromMs)) * columns);
    if (at !== column) flush();
    column = at;
    if (value === null) {
      flush();
      if (kept.at(-1)?.[1] !== null) kept.push(point);
      continue;
    }
    if (lowest === null || value < (lowest[1] ?? 0)) lowest = point;
    if (highest === null || value > (highest[1] ?? 0)) highest = point;
  }
  flush();
  return kept;
}

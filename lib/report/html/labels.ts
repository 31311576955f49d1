/** Where labels stand beside what they name, without touching each other. */

/** Two labels closer than that, in hundredths of the height, would touch. */
const LABEL_GAP = 11;

/** Where the labels of the lines' ends stand: as near to them as they can without touching each other. */
export function placeLabels(ends: readonly (number | null)[], last = 100): (number | null)[] {
  const placed = [...ends];
  const order = ends
    .map((end, index) => ({ end, index }))
    .filter((one): one is { end: number; index: number } => one.end !== null)
    .sort((a, b) => a.end - b.end);
  const lowest = last - LABEL_GAP * (order.length - 1);
  let next = Number.NEGATIVE_INFINITY;
  for (const [rank, { end, index }] of order.entries()) {
    const top = Math.min(Math.max(end, next), lowest + LABEL_GAP * rank);
    placed[index] = top;
    next = top + LABEL_GAP;
  }
  return placed;
}

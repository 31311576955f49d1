/** What a chart shows, in a sentence: where each line began, how far it went and when, and where it ended. */
import { formatAmount, type Unit } from "../../units.ts";
import type { Chart } from "./chart.ts";
import type { Point } from "./envelope.ts";

/** Of more lines than that a sentence cannot be read. */
const MOST_LINES = 2;

export function captionOf({ lines, unit, finding }: Chart, phaseAt: (atMs: number) => string | null): string {
  if (finding !== undefined) return finding;
  const measured = lines.filter(({ asked }) => !asked).slice(0, MOST_LINES);
  return measured
    .flatMap(({ name, points }) => {
      const told = describe(points, unit, phaseAt);
      return told === null ? [] : [lines.length > 1 ? `${name} ${told}` : told];
    })
    .join("; ");
}

function describe(
  points: readonly Point[],
  unit: Unit,
  phaseAt: (atMs: number) => string | null,
): string | null {
  const read = points.filter((point): point is readonly [number, number] => point[1] !== null);
  const [first, last] = [read[0], read.at(-1)];
  if (!first || !last) return null;
  const most = read.reduce((top, point) => (point[1] > top[1] ? point : top));
  const show = (value: number) => formatAmount(value, unit);
  const ends = [first, last].map(([, value]) => show(value));
  if (ends.every((end) => end === show(most[1])) && read.every(([, value]) => show(value) === ends[0]))
    return `${ends[0]} throughout`;
  const phase = phaseAt(most[0]);
  const when = phase === null ? "" : ` (${phase})`;
  return `${ends[0]} at first, at most ${show(most[1])}${when}, ${ends[1]} at the end`;
}

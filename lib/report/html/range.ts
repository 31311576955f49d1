/** From where to where a chart's axis goes, and where its ticks are. */
import type { Chart } from "./chart.ts";
import { ticks } from "./ticks.ts";

export interface Range {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

const MOST_TICKS = 4;
/** A limit so many times higher than all that was read would make a flat line of it. */
const FAR = 2.5;

/** Of the value, above and below it. */
const LEAST_PAD = 0.05;

/** From zero, unless what changes is less than a tenth of what is there. Limits are part of it where they are near. */
export function rangeOf({ lines, limits, trends, unit }: Omit<Chart, "title">): Range {
  const read = lines.flatMap(({ points }) => points.flatMap(([, value]) => value ?? []));
  const most = Math.max(...read);
  const marks = [
    ...limits.map(({ at }) => at).filter((at) => at <= most * FAR),
    ...trends.flatMap(({ lines: { fitted } }) => fitted),
  ];
  const least = Math.min(...read, ...marks);
  // that it rises is to be seen, however high it lies
  const close = lines.every(({ dots }) => dots) && trends.some(({ growing }) => growing);
  return spread(least, Math.max(most, ...marks), unit, close);
}

function spread(least: number, most: number, unit: Chart["unit"], close: boolean): Range {
  const isFlat = least > 0 && (close || most - least < most / 10);
  // where little changes, little is seen to change
  const pad = Math.max((most - least) / 2, close ? 0 : most * LEAST_PAD);
  const low = isFlat ? Math.max(0, least - pad) : Math.min(0, least);
  const high = isFlat ? most + pad : most * 1.05 || 1;
  return { low, high, ticks: ticks(low, high, unit, MOST_TICKS) };
}

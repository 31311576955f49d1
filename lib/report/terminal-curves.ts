/** The curves that tell a run's story, a line each, for a terminal. */
import type { Sample } from "../host/gauges.ts";
import { formatAmount } from "../units.ts";
import { chartsOf } from "./html/charts.ts";
import { sparkline } from "./sparkline.ts";
import { clip, padEnd } from "./terminal-text.ts";

/** What a summary has room for. */
const MOST = 3;
const TITLE = 30;
/** Around the curve: the title, two blanks on each side, and what stands at its right. */
const BESIDE = TITLE + 4 + 22;

/** Those that a report shows first: the load, then the target, then the box. */
export function curveLines(samples: readonly Sample[], width: number): string[] {
  const columns = Math.min(40, width - BESIDE);
  if (columns < 8) return [];
  return chartsOf(samples)
    .slice(0, MOST)
    .flatMap(({ title, unit, lines }) => {
      const line = lines.find(({ asked }) => !asked);
      const values = line?.points.map(([, value]) => value) ?? [];
      const read = values.filter((value) => value !== null);
      if (read.length < 2) return [];
      const [low, high] = [Math.min(...read), Math.max(...read)].map((value) => formatAmount(value, unit));
      const range = low === high ? low : `${low} to ${high}`;
      return [
        `${padEnd(clip(title, TITLE), TITLE)}  ${padEnd(sparkline(values, columns), columns)}  ${range}`,
      ];
    });
}

/** What a chart shows beside its curves: limits that they must not cross, and trends with their intervals. */
import { formatAmount } from "../../units.ts";
import type { Chart, Limit, TrendLine } from "./chart.ts";
import { placeLabels } from "./labels.ts";
import { html, type Markup } from "./markup.ts";
import type { Range } from "./range.ts";
import { round } from "./round.ts";

/** Hundredths of a chart's width and height, from the left and from the top. */
export interface Place {
  readonly x: (atMs: number) => number;
  readonly y: (value: number) => number;
}

export function drawLimits({ limits }: Chart, range: Range, { x, y }: Place): Markup[] {
  return limits
    .filter(({ at }) => isInside(at, range))
    .map(
      ({ at, fromMs }) =>
        html`<path class="limitline" d="M${round(x(fromMs) * 10)} ${round(y(at) * 2)}H1000"/>`,
    );
}

/** The interval as a band, the fitted line in it. */
export function drawTrends({ trends }: Chart, { x, y }: Place): Markup[] {
  return trends.map(({ fromMs, toMs, lines: { fitted, low, high }, growing }) => {
    const [left, right] = [x(fromMs), x(toMs)].map((at) => round(at * 10));
    const [a, b, c, d] = [low[0], low[1], high[1], high[0]].map((value) => round(y(value) * 2));
    const [from, to] = fitted.map((value) => round(y(value) * 2));
    return html`<path class="band${growing && " growing"}" d="M${left} ${a}L${right} ${b}V${c}L${left} ${d}Z"/><path class="trend${growing && " growing"}" d="M${left} ${from}L${right} ${to}"/>`;
  });
}

/** A label's height, in hundredths of a chart's. */
const LABEL = 11;

interface Label {
  /** Where its upper edge would stand. */
  readonly top: number;
  /** Whole, but for where it stands. */
  readonly markup: (top: number) => Markup;
}

/** In words, above a limit and at the end of a trend: as near as they can without touching each other, and within the chart. */
export function labelMarks(chart: Chart, range: Range, place: Place): Markup[] {
  const labels = [
    ...chart.limits.map((limit) => labelLimit(limit, chart, range, place)),
    ...chart.trends.map((trend) => labelTrend(trend, place)),
  ];
  const tops = placeLabels(
    labels.map(({ top }) => Math.max(0, top)),
    100 - LABEL,
  );
  return labels.map(({ markup }, index) => markup(round(tops[index] ?? 0)));
}

function labelLimit(limit: Limit, { lines, unit }: Chart, range: Range, { x, y }: Place): Label {
  const inside = isInside(limit.at, range);
  const of = lines.length > 1 ? `${limit.of}: ` : "";
  const text = `${of}limit ${formatAmount(limit.at, unit)}${inside ? "" : ", above"}`;
  const left = round(x(limit.fromMs));
  // one that begins late has no room to its right
  const side = left < 60 ? `left:${left}%` : `right:${round(100 - left)}%`;
  return {
    top: inside ? y(limit.at) - LABEL : 0,
    markup: (top) =>
      html`<span class="limitlabel${limit.broken && " broken"}" style="${side};top:${top}%">${text}</span>`,
  };
}

function labelTrend({ toMs, lines, label, growing }: TrendLine, { x, y }: Place): Label {
  const end = y(lines.fitted[1]);
  const right = round(100 - x(toMs));
  return {
    // what rises to its end leaves room above
    top: growing || end > 80 ? end - LABEL - 6 : end + 1,
    markup: (top) =>
      html`<span class="trendlabel${growing && " growing"}" style="right:${right}%;top:${top}%">${label}</span>`,
  };
}

function isInside(at: number, { low, high }: Range): boolean {
  return at >= low && at <= high;
}

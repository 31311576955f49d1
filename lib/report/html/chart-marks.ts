/** What a chart shows beside its curves: limits that they must not cross, and trends with their intervals. */
import { formatAmount } from "../../units.ts";
import type { Chart, Limit, TrendLine } from "./chart.ts";
import { placeLabels } from "./labels.ts";
import { html, type Markup } from "./markup.ts";
import type { Range } from "./range.ts";

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

/** In words, at the left of a limit and at the end of a trend: where no curve's own label stands. */
export function labelMarks(chart: Chart, range: Range, place: Place): Markup[] {
  return [...labelLimits(chart, range, place), ...chart.trends.map((trend) => labelTrend(trend, place))];
}

function labelLimits({ limits, lines, unit }: Chart, range: Range, place: Place): Markup[] {
  const tops = placeLabels(limits.map(({ at }) => (isInside(at, range) ? place.y(at) : 0)));
  return limits.map((limit, index) => {
    const of = lines.length > 1 ? `${limit.of}: ` : "";
    const above = isInside(limit.at, range) ? "" : ", above";
    const text = `${of}limit ${formatAmount(limit.at, unit)}${above}`;
    return labelLimit(limit, round(tops[index] ?? 0), text, place);
  });
}

function labelLimit({ fromMs, broken }: Limit, top: number, text: string, { x }: Place): Markup {
  // one that begins late has no room to its right
  const side = x(fromMs) < 60 ? `left:${round(x(fromMs))}%` : `right:${round(100 - x(fromMs))}%`;
  const where = top < 12 ? "under" : "over";
  return html`<span class="limitlabel ${where}${broken && " broken"}" style="${side};top:${top}%">${text}</span>`;
}

function labelTrend({ toMs, lines, label, growing }: TrendLine, { x, y }: Place): Markup {
  const top = round(y(lines.fitted[1]));
  // what rises to its end leaves room above
  const above = top > 80 || (growing && top > 12);
  return html`<span class="trendlabel ${above ? "over" : "under"}${growing && " growing"}" style="right:${round(100 - x(toMs))}%;top:${top}%">${label}</span>`;
}

function isInside(at: number, { low, high }: Range): boolean {
  return at >= low && at <= high;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

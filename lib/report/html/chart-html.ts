/** A chart as HTML: the curves are an SVG that stretches to any width, the words beside them are text that does not. */
import { formatAmount, formatDuration } from "../../units.ts";
import { captionOf } from "./caption.ts";
import type { Chart, Line } from "./chart.ts";
import { drawLimits, drawTrends, labelMarks, type Place } from "./chart-marks.ts";
import { envelope, type Point } from "./envelope.ts";
import { placeLabels } from "./labels.ts";
import { html, type Markup } from "./markup.ts";
import { rangeOf } from "./range.ts";
import { round } from "./round.ts";
import { ticks } from "./ticks.ts";

export interface Axis {
  readonly fromMs: number;
  readonly toMs: number;
  readonly phases: readonly { readonly name: string; readonly startMs: number; readonly endMs: number }[];
}

/** Of the drawing: what it is stretched from. */
const WIDTH = 1000;
const HEIGHT = 200;
/** Twice so many points a line at most; an hour of a dozen charts stays below 200 KB. */
export const COLUMNS = 240;
/** A character's width, in hundredths of a chart: of 400 pixels, and of 760, which style.ts tells apart. */
const CHARACTER = { narrow: 1.8, wide: 0.95 };

export function renderChart(chart: Chart, axis: Axis): Markup {
  const lines = chart.lines.map((line) => ({
    ...line,
    points: envelope(line.points, { ...axis, columns: COLUMNS }),
  }));
  const range = rangeOf({ ...chart, lines });
  const caption = captionOf(chart, (atMs) => phaseAt(axis, atMs));
  const y = (value: number) => 100 - ((value - range.low) / (range.high - range.low)) * 100;
  const place: Place = { x: (atMs) => x(axis, atMs) * 100, y };
  const show = (value: number) => formatAmount(value, chart.unit);
  const last = lines.map(({ points }) => points.findLast(([, value]) => value !== null)?.[1] ?? null);
  return html`<figure class="chart">
<figcaption><b>${chart.title}</b> <span>${caption}</span></figcaption>
<ul class="legend">${lines.map(({ name, asked }, index) => html`<li class="${colourOf(index, asked)}">${name} ${last[index] === null ? "" : show(last[index] ?? 0)}</li>`)}</ul>
<div class="plot">
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${chart.title}: ${caption}">${drawPhases(axis)}${range.ticks.map((tick) => html`<path class="grid" d="M0 ${round(y(tick) * 2)}H${WIDTH}"/>`)}${drawTrends(chart, place)}${lines.map((line, index) => drawLine(line, index, place))}${drawLimits(chart, range, place)}</svg>
${range.ticks.map((tick, index) => show(tick) !== show(range.ticks[index - 1] ?? Number.NaN) && html`<span class="y" style="top:${round(y(tick))}%">${show(tick)}</span>`)}
${labelPhases(axis)}
${labelTimes(axis)}
${labelMarks(chart, range, place)}
${lines.length > 1 && placeLabels(last.map((value) => (value === null ? null : y(value)))).map((top, index) => top !== null && html`<span class="end ${colourOf(index, lines[index]?.asked ?? false)}" style="top:${round(top)}%">${lines[index]?.name}</span>`)}
</div></figure>`;
}

function colourOf(index: number, asked: boolean): string {
  return asked ? "asked" : `c${index % 4}`;
}

function phaseAt({ phases }: Axis, atMs: number): string | null {
  return phases.find(({ startMs, endMs }) => atMs >= startMs && atMs <= endMs)?.name ?? null;
}

function drawPhases(axis: Axis): Markup[] {
  return axis.phases.map(({ name, startMs, endMs }, index) => {
    const [left, right] = [x(axis, startMs), x(axis, endMs)].map((share) => round(share * WIDTH));
    return html`<rect class="phase${index % 2}" x="${left}" width="${round((right ?? 0) - (left ?? 0))}" height="${HEIGHT}"><title>${name}</title></rect>`;
  });
}

/** Only where it fits; what fits on a wide screen alone is shown there alone. */
function labelPhases(axis: Axis): (Markup | false)[] {
  return axis.phases.map(({ name, startMs, endMs }) => {
    const [left, right] = [x(axis, startMs) * 100, x(axis, endMs) * 100];
    const room = (right - left) / (name.length + 1);
    const fits = room > CHARACTER.narrow ? "" : room > CHARACTER.wide ? " roomy" : null;
    return fits !== null && html`<span class="phase${fits}" style="left:${round(left)}%">${name}</span>`;
  });
}

/** The last one ends where the chart does; on a phone every other one is left out. */
function labelTimes(axis: Axis): Markup[] {
  return ticks(0, axis.toMs - axis.fromMs, "ms", 6).map((atMs, index) => {
    const left = round(x(axis, axis.fromMs + atMs) * 100);
    const classes = ["x", left > 92 && "last", index % 2 === 1 && "odd"].filter(Boolean).join(" ");
    return html`<span class="${classes}" style="left:${left}%">${atMs === 0 ? "0" : formatDuration(atMs)}</span>`;
  });
}

function x({ fromMs, toMs }: Axis, atMs: number): number {
  return Math.min(1, Math.max(0, (atMs - fromMs) / (toMs - fromMs)));
}

function drawLine({ points, asked, dots }: Line, index: number, { x, y }: Place): Markup {
  const path = pathOf(
    points,
    (atMs) => round(x(atMs) * 10),
    (value) => round(y(value) * 2),
  );
  const marks = points.map(([atMs, value]) => `M${round(x(atMs) * 10)} ${round(y(value ?? 0) * 2)}h0`);
  return html`<path class="${dots ? "dots" : "line"} ${colourOf(index, asked)}" d="${dots ? marks.join("") : path}"/>`;
}

/** Relative steps: half as long as absolute ones. */
function pathOf(points: readonly Point[], x: (atMs: number) => number, y: (value: number) => number): string {
  let path = "";
  let at: { x: number; y: number } | null = null;
  for (const [atMs, value] of points) {
    if (value === null) {
      at = null;
      continue;
    }
    const next = { x: x(atMs), y: y(value) };
    path += at === null ? `M${next.x} ${next.y}` : `l${round(next.x - at.x)} ${round(next.y - at.y)}`;
    at = next;
  }
  return path;
}

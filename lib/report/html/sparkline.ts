/** A curve as small as a word: how a figure went from run to run. */
import { html, type Markup } from "./markup.ts";
import { round } from "./round.ts";

const WIDTH = 120;
const HEIGHT = 22;
const PAD = 3;

/** Null where a run did not tell it. What is the same throughout is a line in the middle. */
export function sparkline(values: readonly (number | null)[], label: string): Markup {
  const read = values.flatMap((value) => value ?? []);
  const [low, high] = [Math.min(...read), Math.max(...read)];
  const x = (index: number) => PAD + (index / Math.max(1, values.length - 1)) * (WIDTH - 2 * PAD);
  const y = (value: number) =>
    high === low ? HEIGHT / 2 : HEIGHT - PAD - ((value - low) / (high - low)) * (HEIGHT - 2 * PAD);
  let path = "";
  let drawing = false;
  for (const [index, value] of values.entries()) {
    if (value !== null) path += `${drawing ? "L" : "M"}${round(x(index))} ${round(y(value))}`;
    drawing = value !== null;
  }
  const dots = values.map((value, index) =>
    value === null ? "" : `M${round(x(index))} ${round(y(value))}h0`,
  );
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${label}"><path class="line c0" d="${path}"/><path class="dots c0" d="${dots.join("")}"/></svg>`;
}

/** What a browser that runs scripts adds: a line across all charts, with the values at that moment. The page is whole without. */

import type { Chart, Line } from "./chart.ts";
import { COLUMNS } from "./chart-html.ts";
import { html, json, Markup } from "./markup.ts";

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The values of each line, a column each, and the script that shows them. */
export function renderCrosshair(charts: readonly Chart[], span: Span): Markup {
  const data = {
    ...span,
    charts: charts.map(({ unit, lines }) => ({
      unit,
      lines: lines.map((line) => [line.name, inColumns(line, span)]),
    })),
  };
  return html`<script type="application/json" id="values">${json(data)}</script><script>${SCRIPT}</script>`;
}

/** The last value of each column, or of the one before; rounded to what a reader can see. */
function inColumns({ points }: Line, { fromMs, toMs }: Span): (number | null)[] {
  const columns = new Array<number | null | undefined>(COLUMNS).fill(undefined);
  for (const [atMs, value] of points) {
    const column = Math.min(COLUMNS - 1, Math.floor(((atMs - fromMs) / (toMs - fromMs)) * COLUMNS));
    columns[column] = value === null ? null : Number(value.toPrecision(4));
  }
  let last: number | null = null;
  return columns.map((value) => {
    if (value !== undefined) last = value;
    return last;
  });
}

const SCRIPT = new Markup(`
(() => {
  const { fromMs, toMs, charts } = JSON.parse(document.getElementById("values").textContent);
  const steps = { bytes: [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [1024, "KiB"], [1, "B"]], ms: [[3.6e6, "h"], [6e4, "min"], [1e3, "s"], [1, "ms"]] };
  const show = (value, unit) => {
    if (value === null) return "?";
    if (unit === "share") return Math.round(value * 1000) / 10 + " %";
    const step = steps[unit]?.find(([size]) => Math.abs(value) >= size) ?? [1, unit === "ms" ? "ms" : unit === "bytes" ? "B" : ""];
    return (Math.round((value / step[0]) * 100) / 100 + " " + step[1]).trim();
  };
  const plots = [...document.querySelectorAll(".plot")].map((plot, index) => {
    const [cross, tip] = ["cross", "tip"].map((name) => {
      const span = document.createElement("span");
      span.className = name;
      return plot.appendChild(span);
    });
    return { plot, cross, tip, chart: charts[index] };
  });
  const move = (share) => {
    for (const { cross, tip, chart } of plots) {
      const shown = share === null ? "hidden" : "visible";
      cross.style.visibility = tip.style.visibility = shown;
      if (share === null) continue;
      cross.style.left = share * 100 + "%";
      tip.style.left = share < 0.5 ? share * 100 + 1 + "%" : "";
      tip.style.right = share < 0.5 ? "" : (1 - share) * 100 + 1 + "%";
      const values = chart.lines.map(([name, columns]) => name + " " + show(columns[Math.min(columns.length - 1, Math.floor(share * columns.length))], chart.unit));
      tip.textContent = show(share * (toMs - fromMs), "ms") + ": " + values.join(", ");
    }
  };
  for (const { plot } of plots) {
    plot.addEventListener("pointermove", (event) => {
      const { left, width } = plot.getBoundingClientRect();
      move(Math.min(1, Math.max(0, (event.clientX - left) / width)));
    });
    plot.addEventListener("pointerleave", () => move(null));
  }
})();
`);

/** The last runs of a scenario: a mark for each, which leads to its page, and how its key figures went. */
import { formatAmount, formatDuration } from "../../units.ts";
import { differences, type PastRun, tellEarlier } from "../history.ts";
import { html, type Markup } from "./markup.ts";
import { signOf } from "./signs.ts";
import { sparkline } from "./sparkline.ts";

/** A mark for each run, oldest first. `hrefOf` is the way to a run's folder. */
export function renderMarks(runs: readonly PastRun[], hrefOf: (run: string) => string): Markup {
  const marks = runs.map(({ run, kind, startedAt, sentence }) => {
    const title = `${kind}, ${startedAt}: ${sentence}`;
    const label = html`<span class="mark ${kind}">${signOf(kind)}</span>`;
    return html`<li><a href="${hrefOf(run)}/report.html" title="${title}" aria-label="${kind}, ${startedAt}">${label}</a></li>`;
  });
  return html`<ol class="marks">${marks}</ol>`;
}

/** How long it took and its figures, those of the last run: a row each, where two runs at least tell it. */
export function tabulateFigures(runs: readonly PastRun[]): Markup | null {
  const last = runs.at(-1);
  if (!last) return null;
  const rows = [
    row(
      "how long the run took",
      runs.map(({ durationMs }) => durationMs),
      formatDuration,
    ),
    ...last.figures.map(({ sentence, unit }) => {
      const values = runs.map(
        ({ figures }) => figures.find((one) => one.sentence === sentence)?.value ?? null,
      );
      return row(sentence, values, (value) => formatAmount(value, unit));
    }),
  ];
  const told = rows.filter((one) => one !== null);
  return told.length === 0
    ? null
    : html`<div class="wide"><table class="figures"><tr><th>Figure</th><th>Oldest to newest</th><th>Least to most</th><th>Last</th></tr>${told}</table></div>`;
}

function row(
  name: string,
  values: readonly (number | null)[],
  show: (value: number) => string,
): Markup | null {
  const read = values.flatMap((value) => value ?? []);
  const last = values.at(-1);
  if (read.length < 2 || last === null || last === undefined) return null;
  const [low, high] = [show(Math.min(...read)), show(Math.max(...read))];
  const range = low === high ? low : `${low} to ${high}`;
  return html`<tr><td>${name}</td><td>${sparkline(values, `${read.length} runs, ${range}`)}</td><td class="limit">${range}</td><td>${show(last)}</td></tr>`;
}

/** Of a run's page: those before it, and it. */
export function renderEarlier(earlier: readonly PastRun[], now: PastRun): Markup | null {
  if (earlier.length === 0) return null;
  const comparable = earlier.filter((run) => differences(now, run).length === 0);
  const others = earlier.length - comparable.length;
  const changed = [...new Set(earlier.flatMap((run) => differences(now, run)))].slice(0, 6);
  return html`<h2>Earlier runs</h2><p>Before: ${tellEarlier(earlier, now.kind)}</p>${renderMarks(earlier, (run) => `../${run}`)}
${tabulateFigures([...comparable, now])}
${others > 0 && html`<p class="aside">${others} of them are no measure for this one: they had ${changed.join(", ")}.</p>`}`;
}

/** The reports folder at a glance: what came last of each scenario, and how it went before. */
import { formatDuration } from "../../units.ts";
import type { PastRun } from "../history.ts";
import { renderMarks, tabulateFigures } from "./history-html.ts";
import { html, type Markup } from "./markup.ts";
import { renderPage } from "./page.ts";
import { signOf } from "./signs.ts";

export interface ScenarioHistory {
  readonly scenario: string;
  /** How many runs there are in all. */
  readonly total: number;
  /** The last ones, oldest first. */
  readonly runs: readonly PastRun[];
}

export function renderIndexPage(all: readonly ScenarioHistory[]): string {
  const sorted = [...all].sort(
    (one, other) => rank(one) - rank(other) || (one.scenario < other.scenario ? -1 : 1),
  );
  return renderPage(
    "Proofload reports",
    html`<h1>Reports</h1><p class="facts">${all.length} scenarios; of each the last runs, oldest first. What is amiss comes first.</p>${sorted.map(renderScenario)}`,
  );
}

/** What somebody has to look at comes first. */
const ORDER = ["fail", "error", "inconclusive", "interrupted", "unreadable", "unfinished", "pass", "skipped"];

function rank({ runs }: ScenarioHistory): number {
  return ORDER.indexOf(runs.at(-1)?.kind ?? "unreadable");
}

function renderScenario({ scenario, total, runs }: ScenarioHistory): Markup {
  const last = runs.at(-1);
  if (!last) return html``;
  const hrefOf = (run: string) => `${encodeURIComponent(scenario)}/${run}`;
  const took = last.durationMs === null ? "" : `, ${formatDuration(last.durationMs)}`;
  // while it runs there is no page yet
  const file = last.kind === "unfinished" ? "report.json" : "report.html";
  return html`<section class="scenario"><h2><a href="${hrefOf(last.run)}/${file}">${scenario}</a> <span class="mark ${last.kind}">${signOf(last.kind)} ${last.kind}</span></h2>
<p class="facts">${last.startedAt}${took} · ${total} ${total === 1 ? "run" : "runs"}</p>
<p>${shorten(last.sentence)}</p>
${renderMarks(runs, hrefOf)}
${tabulateFigures(runs)}</section>`;
}

/** The whole sentence is on the run's own page. */
function shorten(sentence: string): string {
  return sentence.length <= 400 ? sentence : `${sentence.slice(0, 399)}…`;
}

/** The fault matrix as a page: which scenario caught which fault, who stayed silent on health, and what has to be looked at. */
import { formatDuration } from "../../units.ts";
import {
  findingOf,
  groupHealthy,
  HEALTHY_HEADER,
  type Matrix,
  type MatrixRow,
  outcomeOfRow,
} from "../matrix.ts";
import { html, type Markup } from "./markup.ts";
import { renderPage } from "./page.ts";
import { signOf } from "./signs.ts";
import { table } from "./table.ts";
import { renderVerdict } from "./verdict-html.ts";

export function renderMatrixPage({ verdict, startedAt, durationMs, rows }: Matrix): string {
  const facts = [startedAt, ...(durationMs === null ? [] : [formatDuration(durationMs)])];
  const faults = rows.filter(({ planted }) => planted === "fault");
  const healthy = groupHealthy(rows);
  const open = rows.filter((row) => !["caught", "silent"].includes(outcomeOfRow(row)));
  return renderPage(
    `${verdict.kind.toUpperCase()} fault-matrix ${startedAt}`,
    html`<h1>fault-matrix</h1><p>Every scenario against each fault that it claims to catch, and against health.</p><p class="facts">${facts.join(" · ")}</p>${renderVerdict(verdict)}
${open.length > 0 && html`<h2>To look at</h2>${tabulate(open)}`}
<h2>Faults</h2>${scenariosOf(faults).map((scenario) => html`<h3>${scenario}</h3>${tabulate(faults.filter((row) => row.scenario === scenario))}`)}
${healthy.length > 0 && html`<h2>Health</h2>${table({ header: HEALTHY_HEADER, rows: healthy })}`}`,
  );
}

function scenariosOf(rows: readonly MatrixRow[]): string[] {
  return [...new Set(rows.map(({ scenario }) => scenario))];
}

function tabulate(rows: readonly MatrixRow[]): Markup {
  const lines = rows.map((row) => {
    const outcome = outcomeOfRow(row);
    const name =
      row.run === null ? row.name : html`<a href="${encodeURI(row.run)}/report.html">${row.name}</a>`;
    return html`<tr class="${outcome.replace(" ", "-")}"><td class="mark">${signOf(outcome)} ${outcome}</td><td>${name}<br><span class="aside">${row.about}</span></td><td>${findingOf(row)}</td><td class="size">${formatDuration(row.tookMs)}</td></tr>`;
  });
  return html`<div class="invariants"><table><tr><th></th><th>Planted</th><th>What was found</th><th>Took</th></tr>${lines}</table></div>`;
}

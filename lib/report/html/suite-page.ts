/** stress-all as a page: what each scenario concluded, and at which size. */
import { formatDuration } from "../../units.ts";
import type { Suite } from "../suite.ts";
import { html, type Markup } from "./markup.ts";
import { renderPage } from "./page.ts";
import { signOf } from "./signs.ts";
import { renderVerdict } from "./verdict-html.ts";

export function renderSuitePage({ verdict, startedAt, durationMs, budgetMs, exitCode, rows }: Suite): string {
  const facts = [
    startedAt,
    durationMs !== null && formatDuration(durationMs),
    `budget ${formatDuration(budgetMs)}`,
    exitCode !== null && `exit code ${exitCode}`,
  ].filter((fact) => fact !== false);
  return renderPage(
    `${verdict.kind.toUpperCase()} stress-all ${startedAt}`,
    html`<h1>stress-all</h1><p>Every scenario there is, one after another, within one budget.</p><p class="facts">${facts.join(" · ")}</p>${renderVerdict(verdict)}<h2>Scenarios</h2><div class="invariants"><table><tr><th></th><th>Scenario</th><th>Why</th><th>Took, concluded at</th></tr>${rows.map(renderRow)}</table></div>`,
  );
}

function renderRow({ scenario, kind, sentence, tookMs, run, shrunk }: Suite["rows"][number]): Markup {
  const name = run === null ? scenario : html`<a href="../../${run}/report.html">${scenario}</a>`;
  const size = shrunk.length === 0 ? "full size" : shrunk.join(", ");
  return html`<tr class="${kind}"><td class="mark">${signOf(kind)} ${kind}</td><td>${name}</td><td>${sentence}</td><td class="size">${formatDuration(tookMs)}, ${size}</td></tr>`;
}

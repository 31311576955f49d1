/** The live page: the report's own look, filled by what the run pushes. */
import { readFileSync } from "node:fs";
import { html, Markup } from "../html/markup.ts";
import { renderPage } from "../html/page.ts";

const SCRIPT = new URL("./browser.js", import.meta.url);

export function renderLivePage({
  scenario,
  summary,
}: {
  readonly scenario: string;
  readonly summary: string;
}): string {
  return renderPage(
    `${scenario}, running`,
    html`<h1>${scenario}</h1><p>${summary}</p><div class="verdict"><b>… <span id="state">running</span></b><p><span id="phase"></span></p><p class="facts"><span id="since"></span></p></div><h2>What happens</h2><div id="charts"></div><noscript><p>This page draws a run while it lasts, by a script. The report will need none.</p></noscript><script type="module">${new Markup(readFileSync(SCRIPT, "utf8"))}</script>`,
  );
}

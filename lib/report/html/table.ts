/** A table as HTML: wider than a phone, it scrolls by itself. */
import type { Table } from "../content.ts";
import { html, type Markup } from "./markup.ts";

export function table({ header, rows }: Table): Markup {
  return html`<div class="wide"><table><tr>${header.map((cell) => html`<th>${cell}</th>`)}</tr>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</table></div>`;
}

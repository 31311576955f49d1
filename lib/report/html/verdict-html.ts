/** The verdict, as it stands at the top of every page. */
import { splitQuoted } from "../last-words.ts";
import { html, type Markup } from "./markup.ts";
import { signOf } from "./signs.ts";

export function renderVerdict({
  kind,
  sentence,
}: {
  readonly kind: string;
  readonly sentence: string;
}): Markup {
  const { sentence: said, quoted } = splitQuoted(sentence);
  return html`<div class="verdict ${kind}"><b>${signOf(kind)} ${kind.toUpperCase()}</b><p>${said}</p>${quoted.length > 0 && html`<pre>${quoted.join("\n")}</pre>`}</div>`;
}

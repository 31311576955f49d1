/** The frame of every page: one file, no network, no script that it could not do without. */
import { html, type Markup } from "./markup.ts";
import { STYLE } from "./style.ts";

export function renderPage(title: string, body: Markup): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
  return page.text;
}

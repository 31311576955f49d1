/** Tables and text in Markdown, whatever the text holds. */
import type { Table } from "./content.ts";

export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Of text that came from outside. */
export function escapedTable({ header, rows }: Table): string {
  return markdownTable(
    header,
    rows.map((cells) => cells.map(escapeMarkdown)),
  );
}

/** What came from outside is data: no markup, no new line, no new cell. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\r\n]+/g, " ").replace(/[\\`*_[\]<>|#]/g, "\\$&");
}

/** Lines as they are: indented, since a fence could stand in them. */
export function codeBlock(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => `    ${line}`)
    .join("\n");
}

/** Splits streamed text into lines, and lines into cells: quoted cells, line ends of any kind, a byte order mark (RFC 4180). */

export interface TextLine {
  readonly text: string;
  /** From 1; of a record over several lines, the first. */
  readonly line: number;
  /** False where the text ended within it: a writer that was killed leaves such a line. */
  readonly ended: boolean;
}

export interface LineSplitter {
  /** The lines that end in this piece. */
  push(piece: string): TextLine[];
  /** What is left, when nothing more comes. */
  end(): TextLine[];
}

/** Lines without their ends (LF or CRLF). With `quotes`, a line goes on while a quote is open. Blank lines are none. */
export function splitLines({ quotes }: { readonly quotes: boolean }): LineSplitter {
  let rest = "";
  let line = 0;
  let open: { text: string; line: number } | null = null;

  function finish(raw: string, ended: boolean): TextLine[] {
    line++;
    const own = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    const text: string = open ? `${open.text}\n${own}` : line === 1 ? own.replace(/^\uFEFF/, "") : own;
    const from: number = open?.line ?? line;
    if (quotes && ended && hasOpenQuote(text)) {
      open = { text, line: from };
      return [];
    }
    open = null;
    return text.trim() === "" ? [] : [{ text, line: from, ended }];
  }

  return {
    push(piece) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop() ?? "";
      return lines.flatMap((raw) => finish(raw, true));
    },
    end: () => (rest === "" && open === null ? [] : finish(rest, false)),
  };
}

function hasOpenQuote(text: string): boolean {
  let isOpen = false;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) isOpen = !isOpen;
  return isOpen;
}

/** What stands between the cells of a table with this header: a comma, a semicolon or a tab. */
export function findSeparator(header: string): string {
  const count = (separator: string) => header.split(separator).length;
  return [",", ";", "\t"].reduce((best, other) => (count(other) > count(best) ? other : best));
}

export function splitCells(text: string, separator: string): string[] {
  if (!text.includes('"')) return text.split(separator);
  const cells: string[] = [];
  for (let at = 0; at <= text.length; ) {
    const quoted = /"((?:[^"]|"")*)"?/y;
    quoted.lastIndex = at;
    const content = quoted.exec(text)?.[1]?.replaceAll('""', '"');
    const next = text.indexOf(separator, content === undefined ? at : quoted.lastIndex);
    const end = next === -1 ? text.length : next;
    cells.push(content ?? text.slice(at, end));
    at = end + 1;
  }
  return cells;
}

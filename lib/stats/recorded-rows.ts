/** The rows of a file that anything recorded: CSV with a header, or one JSON object a line; streamed, in one pass. */
import { createReadStream } from "node:fs";
import { findSeparator, splitCells, splitLines, type TextLine } from "./csv.ts";

export interface Row {
  readonly line: number;
  /** What is in a column: a text or a JSON value; undefined where the row has no such column. */
  readonly cell: (column: string) => unknown;
}

export interface RowTaker {
  /** Called as soon as columns are seen: once for a table, for each object of a list of them. */
  names(columns: readonly string[]): void;
  row(row: Row): void;
}

/** Something in the file that is not a table; its message says what was expected. */
export class NotATable extends Error {}

/** Hands every row over. Rejects with the file's own error, or with NotATable. */
export async function readRows(path: string, taker: RowTaker): Promise<void> {
  const isObjects = (await readFirstLine(path)).startsWith("{");
  const splitter = splitLines({ quotes: !isObjects });
  const take = isObjects ? takeObjects(taker) : takeTable(taker);
  // large pieces: there are few awaits in 100 MB then
  for await (const piece of createReadStream(path, { encoding: "utf8", highWaterMark: 1 << 20 }))
    for (const line of splitter.push(piece as string)) take(line);
  for (const line of splitter.end()) take(line);
}

async function readFirstLine(path: string): Promise<string> {
  const splitter = splitLines({ quotes: false });
  for await (const piece of createReadStream(path, { encoding: "utf8" })) {
    const [first] = splitter.push(piece as string);
    if (first) return first.text.trimStart();
  }
  const [first] = splitter.end();
  if (!first) throw new NotATable("expected a header line, or a JSON object a line, got nothing");
  return first.text.trimStart();
}

function takeTable({ names, row }: RowTaker): (line: TextLine) => void {
  let separator = ",";
  let index: ReadonlyMap<string, number> | null = null;
  return ({ text, line, ended }) => {
    if (index === null) {
      separator = findSeparator(text);
      const columns = splitCells(text, separator).map((cell) => cell.trim());
      const twice = columns.filter((column, at) => columns.indexOf(column) !== at);
      if (twice.length > 0) throw new NotATable(`expected each column once, got ${twice.join(", ")} again`);
      names(columns);
      index = new Map(columns.map((column, at) => [column, at]));
      return;
    }
    const [cells, places] = [splitCells(text, separator), index];
    // the last digits of what a killed recorder wrote could be missing, too
    if (!ended && cells.length < places.size) return;
    if (cells.length !== places.size)
      throw new NotATable(`expected ${places.size} cells in line ${line}, got ${cells.length}`);
    row({ line, cell: (column) => cells[places.get(column) ?? -1] });
  };
}

function takeObjects({ names, row }: RowTaker): (line: TextLine) => void {
  return ({ text, line, ended }) => {
    const object = parseObject(text);
    if (object === null && !ended) return;
    if (object === null)
      throw new NotATable(`expected a JSON object in line ${line}, got ${text.slice(0, 40)}`);
    names(Object.keys(object));
    row({ line, cell: (column) => (Object.hasOwn(object, column) ? object[column] : undefined) });
  };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Reads channels out of a file that anything recorded, and says everything that is wrong with it. */
import type { Channel } from "./channel-verdict.ts";
import { NotATable, type Row, readRows } from "./recorded-rows.ts";
import { keepAfterCollections, keepLowest, type Thinning } from "./thin-readings.ts";
import type { Kind } from "./thresholds.ts";

export interface ChannelColumn {
  readonly kind: Kind;
  readonly column: string;
  /** Of a natural heap: the column that counts major collections. */
  readonly counter: string | null;
}

export interface Columns {
  readonly time: string;
  /** How many ms the unit of time is. */
  readonly msPerTime: number;
  /** What the run repeats; null where nothing does: x is the time then, in seconds. */
  readonly cycles: string | null;
  readonly channels: readonly ChannelColumn[];
}

export type SeriesFile = { readonly channels: readonly Channel[] } | { readonly mistakes: readonly string[] };

export async function readSeriesFile(path: string, columns: Columns): Promise<SeriesFile> {
  const known = new Set<string>();
  const mistakes = collectMistakes(path);
  const table = fillChannels(columns, mistakes.add);
  const names = (all: readonly string[]) => {
    for (const name of all) known.add(name);
  };
  try {
    await readRows(path, { names, row: table.take });
  } catch (error) {
    return { mistakes: [...mistakes.list(), `Cannot read ${path}: ${explain(error)}`] };
  }
  if (known.size === 0) return { mistakes: [`Cannot read ${path}: expected readings, got none`] };
  const { time, cycles, channels } = columns;
  const wanted = [time, cycles, ...channels.flatMap(({ column, counter }) => [column, counter])];
  const missing = [...new Set(wanted)].filter((name) => name !== null && !known.has(name));
  if (missing.length > 0)
    return {
      mistakes: missing.map(
        (name) =>
          `Cannot find column ${name} in ${path}: expected one of its columns: ${[...known].join(", ")}`,
      ),
    };
  if (mistakes.list().length > 0) return { mistakes: mistakes.list() };
  if (table.rows() === 0) return { mistakes: [`Cannot read ${path}: expected readings, got none`] };
  return { channels: table.channels() };
}

function explain(error: unknown): string {
  if (error instanceof NotATable) return error.message;
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  const words: Record<string, string> = {
    ENOENT: "there is no such file",
    EISDIR: "expected a file, got a folder",
    EACCES: "no permission",
  };
  return words[code] ?? code;
}

/** More of one file are only counted: they are of the same kind. */
const MOST_MISTAKES = 5;

function collectMistakes(path: string) {
  const told: string[] = [];
  let more = 0;
  return {
    add(line: number, column: string, expected: string): void {
      if (told.length < MOST_MISTAKES)
        told.push(`Cannot read ${path} line ${line} column ${column}: expected ${expected}`);
      else more++;
    },
    list: () => (more === 0 ? told : [...told, `Cannot read ${path}: and ${more} more like these`]),
  };
}

type AddMistake = ReturnType<typeof collectMistakes>["add"];

/** A count that falls below half of what it was begins again: that is another run. Rows a little out of order are not. */
const BEGINS_AGAIN = 1 / 2;

function fillChannels({ time, msPerTime, cycles, channels }: Columns, add: AddMistake) {
  const series = channels.map((channel) => ({
    ...channel,
    readings: channel.counter === null ? keepLowest() : keepAfterCollections(),
  }));
  let rows = 0;
  let highest = 0;

  function placeRow(row: Row): { x: number; tMs: number } | null {
    const t = readNumber(row, time, add, { isNeeded: true });
    const x = cycles === null ? t : readNumber(row, cycles, add, { isNeeded: true });
    if (t === null || x === null) return null;
    if (cycles !== null && x < highest * BEGINS_AGAIN && highest >= 100) {
      add(row.line, cycles, `a count that goes on from ${highest}, got ${x}`);
      highest = x;
    }
    highest = Math.max(highest, x);
    return { x: cycles === null ? (t * msPerTime) / 1000 : x, tMs: t * msPerTime };
  }

  function take(row: Row): void {
    const values = series.map(({ column }) => readNumber(row, column, add, { isNeeded: false }));
    if (values.every((value) => value === null)) return;
    const place = placeRow(row);
    if (!place) return;
    rows++;
    for (const [index, { counter, readings }] of series.entries()) {
      const value = values[index];
      if (value === null || value === undefined) continue;
      const collections = counter === null ? null : readNumber(row, counter, add, { isNeeded: false });
      readings.add([[place.x, place.tMs, value], collections]);
    }
  }

  return { take, rows: () => rows, channels: () => series.map(toChannel) };
}

function readNumber(row: Row, column: string, add: AddMistake, { isNeeded }: { isNeeded: boolean }) {
  const cell = row.cell(column);
  const isEmpty = cell === undefined || cell === null || (typeof cell === "string" && cell.trim() === "");
  if (isEmpty && !isNeeded) return null;
  const value = typeof cell === "string" && !isEmpty ? Number(cell) : cell;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  add(row.line, column, `a number, got ${isEmpty ? "nothing" : JSON.stringify(cell).slice(0, 40)}`);
  return null;
}

interface Filled extends ChannelColumn {
  readonly readings: Thinning;
}

/** In the order of x. */
function toChannel({ kind, column, counter, readings }: Filled): Channel {
  const order = readings.list().toSorted(([a], [b]) => a[0] - b[0] || a[1] - b[1]);
  return {
    ...{ kind, name: column, points: order.map(([point]) => point) },
    ...(counter !== null && { majorCollections: order.map(([, collections]) => collections) }),
  };
}

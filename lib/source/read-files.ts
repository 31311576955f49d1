/** What each of some source files imports, or why that could not be read. One that cannot be read stops no other. */
import { closeSync, openSync, readSync } from "node:fs";
import type { Import, Language, ResolveFrom, When } from "./import.ts";
import { javascript } from "./javascript.ts";
import { isNestedTooDeeply } from "./nesting.ts";
import { python } from "./python.ts";

const LANGUAGES: readonly Language[] = [javascript, python];

/** What source files are called, in any language. */
export const isSource = (path: string): boolean => LANGUAGES.some(({ files }) => files.test(path));

/** An import that leads to a file. */
export interface Link {
  readonly to: string;
  readonly specifier: string;
  readonly line: number;
  readonly when: When;
  readonly conditional: boolean;
}

export interface FileRead {
  readonly path: string;
  /** As the end of a sentence. Null: it could be read. */
  readonly wrong: string | null;
  readonly links: readonly Link[];
  /** Imports that lead nowhere: "line 3: ./a.js: Cannot find module". */
  readonly missing: readonly string[];
}

/** Some of one project's files. */
export interface Batch {
  readonly root: string;
  readonly files: readonly string[];
}

/** What a thread does: in the order of the files. */
export type ReadBatch = (batch: Batch) => Promise<FileRead[]>;

/** More is no source that a person or a compiler has written as one module. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Every file is read into it: one byte more tells a file that is too large, however large it is. */
const held = Buffer.allocUnsafeSlow(MOST_BYTES + 1);

/** `root`: the project's folder. It remembers where imports lead, so it lives no longer than one reading. */
export function createReader(root: string): (files: readonly string[]) => Promise<FileRead[]> {
  const readers = new Map<Language, Reader>();
  return async (files) => {
    for (const language of LANGUAGES) {
      if (readers.has(language) || !files.some((path) => language.files.test(path))) continue;
      const parse = await language.loadParser();
      readers.set(language, { files: language.files, parse, resolveFrom: language.createResolver(root) });
    }
    const known = [...readers.values()];
    return files.map((path) => readFile(path, known));
  };
}

interface Reader extends Pick<Language, "files"> {
  readonly parse: Awaited<ReturnType<Language["loadParser"]>>;
  readonly resolveFrom: ResolveFrom;
}

function readFile(path: string, readers: readonly Reader[]): FileRead {
  const reader = readers.find((one) => one.files.test(path));
  if (!reader) throw new Error(`Cannot read ${path}: expected a source file of a known language`);
  const text = readText(path);
  const parsed = typeof text === "string" ? reader.parse(path, text) : text;
  if ("wrong" in parsed) return { path, wrong: parsed.wrong, links: [], missing: [] };
  return { path, wrong: null, ...follow(parsed.imports, reader.resolveFrom(path)) };
}

function follow(
  imports: readonly Import[],
  resolve: ReturnType<ResolveFrom>,
): Pick<FileRead, "links" | "missing"> {
  const links: Link[] = [];
  const missing: string[] = [];
  for (const one of imports) {
    const destination = resolve(one);
    const { specifier, line, when, conditional } = one;
    if ("files" in destination)
      for (const to of destination.files) links.push({ to, specifier, line, when, conditional });
    else if ("missing" in destination && when !== "type")
      missing.push(`line ${line}: ${specifier}: ${destination.missing}`);
  }
  return { links, missing };
}

function readText(path: string): string | { readonly wrong: string } {
  try {
    const bytes = readBytes(path);
    if (bytes.length > MOST_BYTES) return { wrong: "larger than 16 MiB: not read" };
    // no text has one, and every executable, picture and UTF-16 does
    if (bytes.includes(0)) return { wrong: "not text: it holds a zero byte" };
    const text = bytes.toString("utf8");
    return isNestedTooDeeply(text) ? { wrong: "nested too deeply to be parsed" } : text;
  } catch (error) {
    return { wrong: `could not be read (${(error as NodeJS.ErrnoException).code})` };
  }
}

/** The first of its bytes, until the next file is read. */
function readBytes(path: string): Buffer {
  const file = openSync(path, "r");
  try {
    let length = 0;
    for (let read = -1; read !== 0; length += read)
      read = readSync(file, held, length, held.length - length, null);
    return held.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

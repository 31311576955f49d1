/**
 * The imports of plain JavaScript modules, `import … from` and `export … from` alone, read by es-module-lexer: beside
 * parsing a small file, having oxc-parser tell what it imports takes twice as long again.
 */
import { type ImportSpecifier, init, parse } from "es-module-lexer/minimal";
import type { Found } from "./import.ts";

/**
 * Calls, which need the tree; and what a lexer may take for something else: JSX, whose text may be anything, a script's
 * `-->`, which begins a comment, a `/` that may divide or begin a pattern, and spaces beyond ASCII.
 */
const NOT_PLAIN = /\brequire\b|<|-->|[)}]\s*\/(?![/*])|[^\S\t\n\v\f\r ]/;

/** The lexer's ImportType. */
const STATIC = new Set<ImportSpecifier["t"]>([1, 8]);
const META = 3;

let isLoaded = false;

/** Without WebAssembly, which wants 10 GiB of addresses (`ulimit -v`), no file is plain. */
export async function loadLexer(): Promise<void> {
  try {
    await init();
    isLoaded = true;
  } catch {
    isLoaded = false;
  }
}

/** Of a file without an error. Null: it is not plain, or there is no lexer, so others must read it. */
export function readPlainImports(path: string, text: string): Found[] | null {
  if (!isLoaded || !/\.[cm]?js$/.test(path) || NOT_PLAIN.test(text)) return null;
  try {
    const found: Found[] = [];
    for (const { n: specifier, s: start, t: type } of parse(text)[0]) {
      if (type === META) continue;
      if (!STATIC.has(type) || specifier === undefined) return null;
      // where its quotes begin
      found.push({ specifier, offset: start - 1, when: "load", conditional: false, by: "import" });
    }
    return found;
  } catch {
    return null;
  }
}

/**
 * The imports of plain JavaScript modules, `import … from` and `export … from` alone, read by es-module-lexer: beside
 * parsing a small file, having oxc-parser tell what it imports takes twice as long again.
 */
import { type ImportSpecifier, parse } from "es-module-lexer/minimal";
import type { Found } from "./import.ts";

/**
 * Calls, which need the tree; and what a lexer may take for something else: JSX, whose text may be anything, a script's
 * `-->`, which begins a comment, a `/` that may divide or begin a pattern, and spaces beyond ASCII.
 */
const NOT_PLAIN = /\brequire\b|<|-->|[)}]\s*\/(?![/*])|[^\S\t\n\v\f\r ]/;

/** The lexer's ImportType. */
const STATIC = new Set<ImportSpecifier["t"]>([1, 8]);
const META = 3;

/** Of a file without an error. Null: it is not plain, so others must read it. The lexer must have been loaded. */
export function readPlainImports(path: string, text: string): Found[] | null {
  if (!/\.[cm]?js$/.test(path) || NOT_PLAIN.test(text)) return null;
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

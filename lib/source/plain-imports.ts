/**
 * The imports of plain JavaScript modules, `import … from` and `export … from` alone, read by es-module-lexer: beside
 * parsing a small file, having oxc-parser tell what it imports takes twice as long again.
 */
import { parse } from "es-module-lexer";
import type { Found } from "./import.ts";

/**
 * Calls, which need the tree; and what a lexer may take for something else: JSX, whose text may be anything, a script's
 * `-->`, which begins a comment, a `/` that may divide or begin a pattern, and spaces beyond ASCII.
 */
const NOT_PLAIN = /\brequire\b|<|-->|[)}]\s*\/(?![/*])|[^\S\t\n\v\f\r ]/;

/** Of a file without an error. Null: it is not plain, so others must read it. The lexer must have been loaded. */
export function readPlainImports(path: string, text: string): Found[] | null {
  if (!/\.[cm]?js$/.test(path) || NOT_PLAIN.test(text)) return null;
  try {
    const found: Found[] = [];
    for (const one of parse(text)[0]) {
      if (one.type === "import-meta") continue;
      if (one.type === "dynamic" || one.phase !== null) return null;
      const { specifier, start } = one;
      // where its quotes begin
      found.push({ specifier, offset: start - 1, when: "load", conditional: false, by: "import" });
    }
    return found;
  } catch {
    return null;
  }
}

/**
 * Imports of JavaScript and TypeScript, read by oxc-parser: ES modules, `require`, `import()`, `import x = require()`.
 * What it does not see: AMD's `define`, a `require` or `import()` of something that is computed, and an import that a
 * compiler leaves out because only types of it are used although it does not say `type`.
 */
import type { EcmaScriptModule, ParseResult } from "oxc-parser";
import { parseSync } from "oxc-parser/src-js/bindings";
import { wrap } from "oxc-parser/src-js/wrap.js";
import type { Found, Language, Parsed } from "./import.ts";
import { findCalls } from "./javascript-calls.ts";
import { createResolver } from "./javascript-resolver.ts";
import { createLineCounter } from "./lines.ts";
import { loadLexer, readPlainImports } from "./plain-imports.ts";

export const javascript: Language = {
  // a declaration is never loaded
  files: /(?<!\.d)\.[cm]?tsx?$|\.[cm]?jsx?$/,
  loadParser: async () => {
    await loadLexer();
    return parse;
  },
  createResolver,
};

function parse(path: string, text: string): Parsed {
  const result = parseSync(path, text, {
    lang: languageOf(path),
    sourceType: kindOf(path),
    preserveParens: false,
  });
  const fatal = result.errors.find(({ severity }) => (severity as string) === "Error");
  if (fatal) {
    const line = createLineCounter(text)(fatal.labels[0]?.start ?? 0);
    return { wrong: `line ${line}: ${fatal.message}` };
  }
  const found = takePlainImports(path, text, result) ?? readImports(wrap(result), text);
  const lineOf = createLineCounter(text);
  return {
    imports: found.map(({ specifier, offset, when, conditional, by }) => ({
      specifier,
      line: lineOf(offset),
      when,
      conditional,
      by,
    })),
  };
}

function takePlainImports(path: string, text: string, result: ParseResult): Found[] | null {
  const found = readPlainImports(path, text);
  // a tree that nobody takes out stays in memory until the next turn of the event loop
  if (found) void result.program;
  return found;
}

function readImports(result: ParseResult, text: string): Found[] {
  const { module } = result;
  const found = declared(module);
  // the tree is made only for files that need it: it costs more than all the rest
  const hasCalls = module.dynamicImports.length > 0 || /\brequire\s*\(|\bexport\s*\{\s*\}/.test(text);
  if (hasCalls) found.push(...findCalls(result.program, text));
  return found.sort((a, b) => a.offset - b.offset);
}

function languageOf(path: string): "ts" | "tsx" | "jsx" {
  if (/\.[cm]?ts$/.test(path)) return "ts";
  // JSX is not mistaken for anything else in JavaScript
  return path.endsWith(".tsx") ? "tsx" : "jsx";
}

function kindOf(path: string): "module" | "commonjs" | "unambiguous" {
  if (/\.m[jt]s$/.test(path)) return "module";
  if (/\.c[jt]s$/.test(path)) return "commonjs";
  return "unambiguous";
}

/** What `import … from` and `export … from` ask for. */
function declared({ staticImports, staticExports }: EcmaScriptModule): Found[] {
  const imports = staticImports.map(({ moduleRequest, entries }) =>
    declare(moduleRequest, entries.length > 0 && entries.every(({ isType }) => isType)),
  );
  // an export of what was imported carries the import's own place
  const known = new Set(imports.map(({ offset }) => offset));
  const exports = staticExports.flatMap(({ entries }) => {
    const first = entries.find(({ moduleRequest }) => moduleRequest !== null)?.moduleRequest;
    if (!first || known.has(first.start)) return [];
    return [
      declare(
        first,
        entries.every(({ isType }) => isType),
      ),
    ];
  });
  return [...imports, ...exports];
}

function declare(
  { value, start }: { readonly value: string; readonly start: number },
  isType: boolean,
): Found {
  return {
    specifier: value,
    offset: start,
    when: isType ? "type" : "load",
    conditional: false,
    by: "import",
  };
}

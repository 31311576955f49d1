/** The shortcut for plain modules reads what oxc-parser reads, or leaves the file to it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { javascript } from "./javascript.ts";
import { readPlainImports } from "./plain-imports.ts";

const PACKAGES = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "node_modules");

const parse = await javascript.loadParser();

/** Whether the shortcut was taken; with what is not plain behind it, oxc-parser reads the same text. */
function isReadAlike(path: string, text: string): boolean {
  const found = readPlainImports(path, text);
  if (found === null) return false;
  assert.deepEqual(parse(path, text), parse(path, `${text}\n//<`), path);
  return found.length > 0;
}

const plain = [
  'import a from "./a.js"; import * as b from "./b.js"; import { c } from "./c.js"; import "./d.js";',
  'export * from "./a.js"; export * as b from "./b.js"; export { c, d as e } from "./c.js"; export {} from "./d.js";',
  'import { a } from "./a.js";\nexport { a };\nexport { a as b } from "./a.js";',
  'import a from "./a.json" with { type: "json" };',
  "import {\n  a,\n  b,\n}\nfrom\n'./a.js'\nexport default a\nimport b from './b.js'",
  '#!/usr/bin/env node\nimport "./a.js";',
  '"use strict"; import "./\\u0061.js"; import "./\\x62 \\n.js";',
  'const é = "ü😀";\nimport "./ü😀.js";\nimport "./b.js";',
  'import "./a.js";\n// import "./no.js"\n/* import "./no.js" */ const a = \'import "./no.js"\' + `import "./no.js"`;',
  'import "./a.js"; const a = /import "no"/, b = { import: 1, export: 2 }, c = b.import / 1 / b.export;',
  'import "./a.js"; const here = import.meta.url;',
  'import type from "./a.js";',
];

for (const text of plain)
  test(`readPlainImports() reads what oxc-parser reads: ${JSON.stringify(text).slice(0, 60)}`, () => {
    assert.ok(isReadAlike("a.mjs", text));
    assert.ok(isReadAlike("a.js", text));
  });

test("readPlainImports() reads what oxc-parser reads, in every file of the packages that this one is built on", () => {
  const files = readdirSync(PACKAGES, { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.[cm]?js$/.test(path),
  );
  const alike = files.filter((path) => isReadAlike(path, readFileSync(join(PACKAGES, path), "utf8")));
  assert.ok(alike.length > 100, `${alike.length} of ${files.length}`);
});

test("readPlainImports() leaves calls, TypeScript and whatever a lexer may mistake to oxc-parser", () => {
  const calls = ['import("./a.js");', 'import "./a.js"; require("./b.js");', 'module.require("./a.js");'];
  const markup = ['const a = <p>import "./no.js"</p>;', "const a = <></>;", 'a\n--> import "./no.js"'];
  const patterns = ['if (a) /"/.test(b); import "./a.js";', 'if (a) {} /"/.test(b); import "./a.js";'];
  const spaces = ['\ufeffimport "./a.js";', 'a;\u2028import "./a.js";', 'a;\u3000import "./a.js";'];
  const phases = ['import defer * as a from "./a.js";', 'import source a from "./a.js";'];
  for (const text of [...calls, ...markup, ...patterns, ...spaces, ...phases])
    assert.equal(readPlainImports("a.js", text), null, text);
  for (const path of ["a.ts", "a.mts", "a.cts", "a.tsx", "a.jsx"])
    assert.equal(readPlainImports(path, 'import "./a.js";'), null, path);
});

/** Imports of JavaScript and TypeScript, each form of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { javascript } from "./javascript.ts";
import { isSource } from "./read-files.ts";

const parse = await javascript.loadParser();

function read(text: string, path = "a.ts"): string[] {
  const parsed = parse(path, text);
  assert.ok("imports" in parsed, JSON.stringify(parsed));
  return parsed.imports.map(
    ({ specifier, line, when, conditional, by }) =>
      `${line} ${specifier} ${when} ${by}${conditional ? " conditional" : ""}`,
  );
}

test("the parser of javascript tells imports, re-exports and types apart, with their lines", () => {
  const text = [
    'import type { A } from "./a.js";',
    'import { type B } from "./b.js";',
    'import c, { type C } from "./c.js";',
    'import "./d.js";',
    'export * from "./e.js";',
    'export type { F } from "./f.js";',
    'export { type G } from "./g.js";',
    'export {} from "./h.js";',
    'import { i } from "./i.js";',
    "export { i };",
    '// import "./no.js"',
    "const text = 'import \"./no.js\"';",
    'let type: import("./no.js").T;',
    "import j = require('./j.js');",
  ];
  assert.deepEqual(read(text.join("\n")), [
    "1 ./a.js type import",
    "2 ./b.js type import",
    "3 ./c.js load import",
    "4 ./d.js load import",
    "5 ./e.js load import",
    "6 ./f.js type import",
    "7 ./g.js type import",
    "8 ./h.js load import",
    "9 ./i.js load import",
    "14 ./j.js load require",
  ]);
});

test("the parser of javascript tells what is carried out while loading from what waits for a call", () => {
  const text = [
    'const a = require("./a.cjs");',
    'function later() { return require("./b.cjs"); }',
    'if (a) require("./c.cjs");',
    '(function () { require("./d.cjs"); })();',
    '(() => { require("./e.cjs"); }).call(a);',
    'try { module.require("./f.cjs"); } catch {}',
    'class G { static s = require("./g.cjs"); own = require("./h.cjs"); static { require("./i.cjs"); } }',
    'const lazy = () => import("./j.mjs");',
    "const promise = import(`./k.mjs`);",
    'const name = "x"; import("./" + name); require(name); require.resolve("./no.cjs");',
    'bundle(function (require) { require("./no.cjs"); });',
  ];
  assert.deepEqual(read(text.join("\n"), "a.js"), [
    "1 ./a.cjs load require",
    "2 ./b.cjs deferred require",
    "3 ./c.cjs load require conditional",
    "4 ./d.cjs load require",
    "5 ./e.cjs load require",
    "6 ./f.cjs load require conditional",
    "7 ./g.cjs load require",
    "7 ./h.cjs deferred require",
    "7 ./i.cjs load require",
    "8 ./j.mjs deferred import",
    "9 ./k.mjs deferred import",
  ]);
});

test("the parser of javascript finds calls behind a byte order mark, and behind letters of two and four bytes", () => {
  assert.deepEqual(read('\ufeffrequire("./a.cjs");', "a.js"), ["1 ./a.cjs load require"]);
  const text = ["// 😀😀😀😀", 'const é = "ü😀";', 'const later = () => require("./a.cjs");'];
  assert.deepEqual(read(text.join("\n"), "a.js"), ["3 ./a.cjs deferred require"]);
});

test("the parser of javascript finds calls in what decorates a class, a member or a parameter", () => {
  const text = [
    '@a(require("./a.cjs")) export class A {}',
    '@b(require("./b.cjs")) export default class B {',
    '  @c(require("./c.cjs")) m(@d(require("./d.cjs")) d) {}',
    '  constructor(@e(require("./e.cjs")) private e) {}',
    "}",
  ];
  const found = read(text.join("\n")).map((line) => line.split(" ").slice(0, 2).join(" "));
  assert.deepEqual(found, ["1 ./a.cjs", "2 ./b.cjs", "3 ./c.cjs", "3 ./d.cjs", "4 ./e.cjs"]);
});

test("the parser of javascript takes an import() that a module waits for at its top for one that loads", () => {
  assert.deepEqual(
    read('const a = await import("./a.mjs");\nasync () => await import("./b.mjs");', "a.mjs"),
    ["1 ./a.mjs load import", "2 ./b.mjs deferred import"],
  );
});

test("the parser of javascript reads CommonJS that returns, JSX in .js, and what follows #!", () => {
  assert.deepEqual(read('#!/usr/bin/env node\nif (x) return;\nrequire("./a");', "a.cjs"), [
    "3 ./a load require",
  ]);
  assert.deepEqual(read('import "./a.js";\nexport const b = <p>{1}</p>;', "a.js"), ["1 ./a.js load import"]);
  assert.deepEqual(read('import "./a.js";\nconst b = <T,>(t: T) => <p/>;', "a.tsx"), [
    "1 ./a.js load import",
  ]);
});

test("the parser of javascript says where a broken file is broken", () => {
  assert.deepEqual(parse("a.ts", 'import "./a";\nconst = 1;'), {
    wrong: "line 2: Unexpected token",
  });
});

test("isSource() knows sources from declarations and from other files", () => {
  const names = ["a.ts", "a.mts", "a.cts", "a.tsx", "a.js", "a.mjs", "a.cjs", "a.jsx"];
  const others = ["a.d.ts", "a.d.mts", "a.d.cts", "a.json", "a.js.map", "ts", "a.css"];
  assert.deepEqual(
    [...names, ...others].filter((name) => isSource(name)),
    names,
  );
});

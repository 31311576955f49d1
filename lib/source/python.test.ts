/** Imports of Python: each form of them, and the standard library's own parser as the judge of what is Python at all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { python } from "./python.ts";

const parse = await python.loadParser();

function read(text: string): string[] {
  const parsed = parse("a.py", text);
  assert.ok("imports" in parsed, JSON.stringify(parsed));
  return parsed.imports.map(
    ({ specifier, names, line, when, conditional }) =>
      `${line} ${specifier}${names ? `: ${names.join(" ")}` : ""} ${when}${conditional ? " conditional" : ""}`,
  );
}

test("the parser of python reads every form of an import, with its line", () => {
  const text = [
    "import a, b.c as d",
    "from e import (f,  # of a comment, too",
    "    g as h,",
    ")",
    "from . import i",
    "from .. j import k",
    "from ...l.m import *",
    "import n; import o",
    "from p import \\",
    "    q",
    "from zipimport import r",
    "from .import s",
    "'import no'",
  ];
  assert.deepEqual(read(text.join("\n")), [
    "1 a load",
    "1 b.c load",
    "2 e: f g load",
    "5 .: i load",
    "6 ..j: k load",
    "7 ...l.m:  load",
    "8 n load",
    "8 o load",
    "9 p: q load",
    "11 zipimport: r load",
    "12 .: s load",
  ]);
});

test("the parser of python tells conditions, functions, classes and type checking apart", () => {
  const text = [
    "if TYPE_CHECKING:",
    "    import a",
    "elif x:",
    "    import b",
    "else:",
    "    import c",
    "try:",
    "    import d",
    "except ImportError:",
    "    import e",
    "def f():",
    "    import f",
    "class G:",
    "    import g",
    "    async def h(self):",
    "        if typing.TYPE_CHECKING: import h",
    "        with x: import i",
    'if __name__ == "__main__":',
    "    import j",
    "@decorator",
    "def k():",
    "    for x in y:",
    "        import k",
    "match x:",
    "    case 1:",
    "        import l",
  ];
  assert.deepEqual(read(text.join("\n")), [
    "2 a type conditional",
    "4 b load conditional",
    "6 c load conditional",
    "8 d load conditional",
    "10 e load conditional",
    "12 f deferred",
    "14 g load",
    "16 h type conditional",
    "17 i deferred conditional",
    "19 j deferred conditional",
    "23 k deferred conditional",
    "26 l load conditional",
  ]);
});

test("the parser of python takes for Python what its grammar alone would not", () => {
  const text = [
    "def f():",
    "    x = yield",
    "    yield  # nothing",
    "    return 1.",
    "y = [g(*p) for c, *p in z]",
    "\f",
    "with a() as (b, c):",
    "    pass",
    "match x:",
    "    case ast.Add():",
    "        import k",
  ];
  assert.deepEqual(read(text.join("\n")), ["11 k load conditional"]);
});

test("the parser of python says where a broken file is broken", () => {
  assert.deepEqual(parse("a.py", "import a\ndef (:\n"), {
    wrong: "line 2: not understood as Python 3",
  });
});

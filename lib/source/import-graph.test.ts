/** The graph of whole projects: how they are laid out, what is broken in them, and threads that read what one would. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeProject } from "./fixtures/project.ts";
import { type ImportGraph, readImportGraph } from "./import-graph.ts";
import { createReader, type ReadBatch } from "./read-files.ts";
import { runOnThreads } from "./threads.ts";

function arrowsOf({ arrows, modules }: ImportGraph): string[] {
  return arrows.map(
    ({ from, to, when }) => `${modules[from]} > ${modules[to]}${when === "load" ? "" : ` ${when}`}`,
  );
}

test("readImportGraph() follows extensions, folders, tsconfig's paths and a package's own imports", async (t) => {
  const root = makeProject(t, {
    "package.json": '{"name":"own","imports":{"#db":"./src/db.ts"},"exports":{"./api":"./src/api/index.ts"}}',
    "tsconfig.json": '{"compilerOptions":{"baseUrl":".","paths":{"@/*":["src/*"]}}}',
    "src/main.ts":
      'import "./api";\nimport "./db.js";\nimport "@/view";\nimport "#db";\nimport "own/api";\nimport "node:fs";\nimport "./style.css";\nimport "left-pad";',
    "src/api/index.ts": 'export * from "../db";',
    "src/db.ts": "export const db = 1;",
    "src/view.tsx": 'const db = await import("./db");\nexport const view = <p>{db}</p>;',
    "src/style.css": "",
  });
  const graph = await readImportGraph(root);
  assert.deepEqual(arrowsOf(graph), [
    "src/api/index.ts > src/db.ts",
    "src/main.ts > src/api/index.ts",
    "src/main.ts > src/db.ts",
    "src/main.ts > src/view.tsx",
    "src/main.ts > src/db.ts",
    "src/main.ts > src/api/index.ts",
    "src/view.tsx > src/db.ts",
  ]);
  assert.deepEqual([graph.unread, graph.missing], [[], []]);
});

test("readImportGraph() follows packages of a workspace to their sources, by import and by require", async (t) => {
  const root = makeProject(t, {
    "packages/a/package.json": '{"name":"a","exports":{"import":"./a.mjs","require":"./a.cjs"}}',
    "packages/a/a.mjs": 'import "b";',
    "packages/a/a.cjs": "exports.a = 1;",
    "packages/b/package.json": '{"name":"b","main":"b.js"}',
    "packages/b/b.js": 'const a = require("a");',
    "node_modules/installed/index.js": 'require("../../packages/a/a.cjs");',
  });
  for (const name of ["a", "b"]) symlinkSync(`../packages/${name}`, join(root, "node_modules", name));
  const graph = await readImportGraph(root);
  assert.deepEqual(arrowsOf(graph), [
    "packages/a/a.mjs > packages/b/b.js",
    "packages/b/b.js > packages/a/a.cjs",
  ]);
  assert.deepEqual(graph.passedOver, { node_modules: 1 });
});

test("readImportGraph() resolves Python's names, absolute, relative and of packages", async (t) => {
  const root = makeProject(t, {
    "shop/__init__.py": "from .cart import Cart",
    "shop/cart.py": "from . import money\nfrom shop.tax import rate\nimport json",
    "shop/money.py": "from shop import Cart",
    "shop/tax/__init__.py": "from ..money import *",
    "src/tool.py": "import shop.tax.law",
    "shop/tax/law.py": "from .nowhere import nothing",
  });
  const graph = await readImportGraph(root);
  assert.deepEqual(arrowsOf(graph), [
    "shop/__init__.py > shop/cart.py",
    "shop/cart.py > shop/money.py",
    "shop/cart.py > shop/tax/__init__.py",
    "shop/money.py > shop/__init__.py",
    "shop/tax/__init__.py > shop/money.py",
    "src/tool.py > shop/__init__.py",
    "src/tool.py > shop/tax/__init__.py",
    "src/tool.py > shop/tax/law.py",
  ]);
  assert.deepEqual(graph.missing, ["shop/tax/law.py, line 1: .nowhere: no module .nowhere"]);
});

test("readImportGraph() tells by name what it cannot read, and reads the rest", async (t) => {
  const root = makeProject(t, {
    "good.js": 'import "./long.js";\nimport "./gone.js";',
    "long.js": `export const long = "${"x".repeat(1024 * 1024)}"; import "./good.js";`,
    "broken.ts": "const = 1;",
    "broken.py": "def f(:\n",
    "binary.js": Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1]),
    "deep.js": `${"(".repeat(20_000)}1${")".repeat(20_000)}`,
    "chain.js": `x = ${"1+".repeat(100_000)}1`,
    "deep.py": `x = ${"[".repeat(20_000)}${"]".repeat(20_000)}`,
    "empty.js": "",
    "huge.js": Buffer.alloc(17 * 1024 * 1024, " "),
    "venv/pyvenv.cfg": "",
    "venv/lib.py": "import good",
    ".hidden/a.js": "",
  });
  symlinkSync("loop.js", join(root, "loop.js"));
  symlinkSync("..", join(root, "venv", "up"));
  symlinkSync(".", join(root, "same"));
  symlinkSync("nowhere.js", join(root, "dangling.js"));
  const graph = await readImportGraph(root);
  assert.deepEqual(graph.modules.length, 10);
  assert.deepEqual(arrowsOf(graph), ["good.js > long.js", "long.js > good.js"]);
  assert.deepEqual(graph.unread, [
    "dangling.js: link that leads nowhere (ENOENT)",
    "loop.js: link that leads nowhere (ELOOP)",
    "binary.js: not text: it holds a zero byte",
    "broken.py: line 1: not understood as Python 3",
    "broken.ts: line 1: Unexpected token",
    "chain.js: nested too deeply to be parsed",
    "deep.js: nested too deeply to be parsed",
    "deep.py: nested too deeply to be parsed",
    "huge.js: larger than 16 MiB: not read",
  ]);
  assert.deepEqual(graph.missing, ["good.js, line 2: ./gone.js: Cannot find module './gone.js'"]);
  assert.deepEqual(graph.passedOver, { "virtual environment": 1, hidden: 1, "link into the project": 1 });
});

const walker = fileURLToPath(new URL("fixtures/print-graph.ts", import.meta.url));

test("readImportGraph() reads the same where there is no WebAssembly", async (t) => {
  const root = makeProject(t, { "a.mjs": 'import "./b.mjs";', "b.mjs": 'export * from "./a.mjs";' });
  const words = ["--jitless", "--import", "tsx", walker, root];
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  assert.deepEqual(JSON.parse(stdout || stderr), await readImportGraph(root));
});

const ROOT_ONLY = process.getuid?.() === 0 ? false : "needs root, to become somebody who may not read";

test("readImportGraph() tells a folder and a file that it may not read", { skip: ROOT_ONLY }, (t) => {
  const root = makeProject(t, { "a.js": 'import "./b.js";', "b.js": "", "closed/c.js": "", "secret.js": "" });
  chmodSync(root, 0o755);
  chmodSync(join(root, "closed"), 0);
  chmodSync(join(root, "secret.js"), 0);
  const become = ["--reuid", "65534", "--clear-groups", process.execPath, "--import", "tsx", walker, root];
  const { stdout, stderr } = spawnSync("setpriv", become, { encoding: "utf8" });
  assert.deepEqual(JSON.parse(stdout || stderr).unread, [
    "closed: folder could not be read (EACCES)",
    "secret.js: could not be read (EACCES)",
  ]);
});

test("readImportGraph() leaves out what is not the project's own", async (t) => {
  const root = makeProject(t, { "a.js": 'import "./dist/b.js";', "dist/b.js": 'import "../a.js";' });
  const { modules, arrows, passedOver } = await readImportGraph(root, { exclude: ["dist"] });
  assert.deepEqual([modules, arrows, passedOver], [["a.js"], [], { excluded: 1 }]);
});

test("runOnThreads() reads what one thread reads, in the same order", async (t) => {
  const files = Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [`m${index}.js`, `import "./m${(index + 1) % 60}.js";`]),
  );
  const root = makeProject(t, files);
  const paths = Object.keys(files).map((name) => join(root, name));
  const orders = [0, 20, 40].map((first) => ({ root, files: paths.slice(first, first + 20) }));
  const crew = { threads: 2 };
  const read = await runOnThreads<ReadBatch>("read-imports", orders, crew);
  assert.deepEqual(read.flat(), await createReader(root)(paths));
});

test("runOnThreads() ends its threads when it is told to", async (t) => {
  const root = makeProject(t, { "a.js": "" });
  const controller = new AbortController();
  const orders = Array.from({ length: 4 }, () => ({
    root,
    files: Array.from({ length: 5000 }, () => join(root, "a.js")),
  }));
  const reading = runOnThreads<ReadBatch>("read-imports", orders, {
    threads: 1,
    signal: controller.signal,
  });
  controller.abort();
  await assert.rejects(reading, { name: "AbortError" });
});

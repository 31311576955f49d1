/** Cycles of public packages, as npm and Debian ship them, beside what peers find there; each difference is explained. Needs the box to itself: it leaves others none of it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { When } from "../lib/source/import.ts";
import { followersOf, type ImportGraph, readImportGraph } from "../lib/source/import-graph.ts";
import { ROOT, RUNTIMES, skipReason, temporaryFolder } from "./command.ts";

const PACKAGES = join(ROOT, ".packages/node_modules");
const missing = existsSync(PACKAGES) ? null : "not installed: make packages";
const AT_RUN_TIME: ReadonlySet<When> = new Set(["load", "deferred"]);

/** Folders of JavaScript as it is published: CommonJS, ES modules, both; hand-written, compiled, generated. */
const FOLDERS = [
  ...["three/src", "antd/es", "rxjs/dist/esm", "rxjs/dist/cjs", "lodash", "express", "webpack/lib"],
  ...[
    "eslint/lib",
    "mathjs/lib/esm",
    "core-js",
    "@babel/core/lib",
    "@babel/traverse/lib",
    "@babel/types/lib",
  ],
  ...[
    "jsdom/lib",
    "handlebars/lib",
    "handlebars/dist/cjs",
    "moment/src",
    "ajv/dist",
    "mocha/lib",
    "redux/dist",
  ],
  ...["enhanced-resolve/lib", "terser/lib", "acorn/dist"],
];

/**
 * Only madge's: `css/cssMinify.js` asks for "webpack", which in a copy of one folder is nobody; madge takes it for the copy.
 * Where the package is installed under its name it is a cycle, and found.
 */
const ONLY_MADGE: Readonly<Record<string, readonly string[]>> = { "webpack/lib": ["css/cssMinify.js"] };

/** Imports between modules of one folder: "a.js > b.js". */
type Edges = ReadonlySet<string>;

/** Those that are on a way back to where they begin, by the plainest reckoning there is. */
function circular(edges: Edges): Set<string> {
  const next = new Map<string, string[]>();
  for (const edge of edges) {
    const [from = "", to = ""] = edge.split(" > ");
    next.set(from, [...(next.get(from) ?? []), to]);
  }
  const reach = new Map<string, Set<string>>();
  const reachedFrom = (start: string) => {
    const seen = reach.get(start) ?? new Set(next.get(start));
    if (!reach.has(start)) for (const one of seen) for (const other of next.get(one) ?? []) seen.add(other);
    reach.set(start, seen);
    return seen;
  };
  return new Set(
    [...edges].filter((edge) => {
      const [from = "", to = ""] = edge.split(" > ");
      return reachedFrom(to).has(from);
    }),
  );
}

function edgesOf(graph: ImportGraph): Set<string> {
  return new Set(
    followersOf(graph, AT_RUN_TIME).flatMap((followers, from) =>
      followers.map((to) => `${graph.modules[from]} > ${graph.modules[to]}`),
    ),
  );
}

const modulesOf = (edges: Edges) => new Set([...edges].flatMap((edge) => edge.split(" > ")));
const without = (edges: Edges, others: Edges) => [...edges].filter((edge) => !others.has(edge)).sort();

interface Cruised {
  readonly edges: Edges;
  /** What it calls circular itself. */
  readonly circular: Edges;
}

async function cruise(folder: string, parent: string): Promise<Cruised> {
  const [, node24] = RUNTIMES;
  const program = join(PACKAGES, "dependency-cruiser/bin/dependency-cruiser.mjs");
  const rules = fileURLToPath(new URL("fixtures/circular-rule.cjs", import.meta.url));
  const words = [program, "--config", rules, "--output-type", "json", relative(parent, folder)];
  const [command = process.execPath] = node24?.command ?? [];
  const { modules } = JSON.parse(await outputOf(command, words, parent)) as {
    modules: { source: string; dependencies: { resolved: string; circular: boolean }[] }[];
  };
  const inside = (path: string) => relative(folder, join(parent, path));
  const all = modules.flatMap(({ source, dependencies }) =>
    dependencies.map(({ resolved, circular: is }) => ({ from: inside(source), to: inside(resolved), is })),
  );
  const own = all.filter(({ from, to }) => !`${from} ${to}`.includes("..") && from !== to);
  const write = (some: typeof own) => new Set(some.map(({ from, to }) => `${from} > ${to}`));
  return { edges: write(own), circular: write(own.filter(({ is }) => is)) };
}

async function outputOf(command: string, words: readonly string[], cwd?: string): Promise<string> {
  return (await promisify(execFile)(command, words, { cwd, maxBuffer: 2 ** 30 })).stdout;
}

async function askMadge(folder: string): Promise<readonly (readonly string[])[]> {
  const madge = createRequire(join(PACKAGES, "x.js"))("madge");
  const found = await madge(folder, { fileExtensions: ["js", "mjs", "cjs"] });
  assert.ok(Object.keys(found.obj()).length > 0, "it read nothing");
  return found.circular();
}

describe("cycles of packages of npm are those of dependency-cruiser and madge", {
  skip: skipReason(missing ?? RUNTIMES[1]?.missing ?? null),
}, () => {
  for (const path of FOLDERS)
    test(path, async (t) => {
      // madge reads nothing whose path holds node_modules
      const parent = temporaryFolder(t);
      const folder = join(parent, "copy");
      cpSync(join(PACKAGES, path), folder, {
        recursive: true,
        filter: (one) => !/.\/node_modules$/.test(one),
      });
      const [graph, cruised, cycles] = await Promise.all([
        readImportGraph(folder),
        cruise(folder, parent),
        askMadge(folder),
      ]);
      assert.deepEqual(graph.unread, []);
      const ours = circular(edgesOf(graph));
      assert.deepEqual(without(circular(cruised.edges), ours), [], "only in dependency-cruiser's graph");
      assert.deepEqual(without(ours, circular(cruised.edges)), [], "only in ours");
      // it looks at each import with what it knows of others so far, and misses some that its own graph has
      assert.deepEqual(without(cruised.circular, ours), [], "only dependency-cruiser calls it circular");
      // it tells the first ways round that it walks into, not all of them
      const onlyMadge = without(new Set(cycles.flat()), modulesOf(ours));
      assert.deepEqual(onlyMadge, ONLY_MADGE[path] ?? [], "only madge has them in a cycle");
      const installed = modulesOf(circular(edgesOf(await readImportGraph(join(PACKAGES, path)))));
      for (const module of onlyMadge) assert.ok(installed.has(module), module);
      const components = componentsOf(ours);
      for (const component of components)
        assert.ok(
          cycles.some((cycle) => cycle.every((one) => component.has(one))),
          [...component].join(" "),
        );
    });
});

/** Modules that lead to each other. */
function componentsOf(edges: Edges): Set<string>[] {
  const components: Set<string>[] = [];
  for (const edge of edges) {
    const ends = edge.split(" > ");
    const joined = components.filter((component) => ends.some((end) => component.has(end)));
    const rest = components.filter((component) => !joined.includes(component));
    components.splice(
      0,
      components.length,
      ...rest,
      new Set([...ends, ...joined.flatMap((one) => [...one])]),
    );
  }
  return components;
}

/** Of the standard library and Debian's packages. */
const PYTHON = [
  ...["asyncio", "concurrent", "ctypes", "email", "encodings", "http", "importlib", "json", "logging"],
  ...["multiprocessing", "sqlite3", "unittest", "urllib", "wsgiref", "xml", "xmlrpc", "zoneinfo", ""],
].map((name) => join("/usr/lib/python3.11", name));
const DEBIAN = ["websockets", "_pytest", "pygments", "attr", ""].map((name) =>
  join("/usr/lib/python3/dist-packages", name),
);

describe("imports of Python packages are those that the standard library's ast finds", () => {
  const folders = [...PYTHON, ...DEBIAN].filter((folder) => existsSync(folder));

  test("of twenty packages and more", {
    skip: skipReason(existsSync("/usr/lib/python3.11") ? null : "no Python 3.11"),
  }, async () => {
    assert.ok(folders.length >= 20, folders.join(" "));
    for (const folder of folders) {
      const script = fileURLToPath(new URL("fixtures/reference_imports.py", import.meta.url));
      const [graph, output] = await Promise.all([
        readImportGraph(folder),
        outputOf("python3", [script, folder]),
      ]);
      const { arrows, wrong } = JSON.parse(output) as {
        arrows: [string, number, When, string][];
        wrong: string[];
      };
      const ours = graph.arrows
        .map(({ from, to, line, when }) => [graph.modules[from], line, when, graph.modules[to]].join(" "))
        // what a link outside leads to; the reference stays inside
        .filter((arrow) => !arrow.includes("../"));
      const theirs = arrows.map((arrow) => arrow.join(" "));
      assert.deepEqual([...new Set(ours)].sort(), [...new Set(theirs)].sort(), folder);
      assert.deepEqual(graph.unread.map((line) => line.split(":")[0]).sort(), wrong.sort(), folder);
    }
  });
});

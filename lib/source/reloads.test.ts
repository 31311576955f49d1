/** Loading one's own modules and dropping them, for real: what stays is seen, what goes is not. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { makeProject } from "./fixtures/project.ts";
import { moduleSystemOf } from "./module-system.ts";
import { reloadModules } from "./reloads.ts";

function reload(path: string) {
  return reloadModules({
    ...{ system: moduleSystemOf(path), path, rounds: 4, loads: 3, withinMs: 60_000 },
    ...{ planted: false, mark: "proofload-test", signal: new AbortController().signal },
  });
}

/** From the second load on: the first of all leaves what Node itself keeps, bytes. */
function growthOf({ readings }: Awaited<ReturnType<typeof reload>>): number {
  return (readings.at(-1)?.liveBytes ?? 0) - (readings[1]?.liveBytes ?? 0);
}

const MIB = 1024 * 1024;
const LARGE = `new Array(${MIB / 8}).fill(1.5)`;

test("reloadModules() sees what a module of CommonJS leaves behind with each load, and nothing of one that leaves nothing", async (t) => {
  const root = makeProject(t, {
    "kept.cjs": `(globalThis.kept ??= []).push(${LARGE});`,
    "dropped.cjs": `const other = require("./other.cjs"); module.exports = [other, ${LARGE}];`,
    "other.cjs": `require("./dropped.cjs"); module.exports = ${LARGE};`,
  });
  const kept = await reload(join(root, "kept.cjs"));
  assert.deepEqual([kept.wrong, kept.readings.length], [null, 12]);
  assert.ok(growthOf(kept) > 9 * MIB, `${growthOf(kept)} bytes`);
  const dropped = await reload(join(root, "dropped.cjs"));
  assert.deepEqual([dropped.wrong, dropped.readings.length], [null, 12]);
  assert.ok(growthOf(dropped) < MIB / 2, `${growthOf(dropped)} bytes`);
});

test("reloadModules() keeps packages loaded, and loads the modules that use them anew", async (t) => {
  const root = makeProject(t, {
    "package.json": "{}",
    "main.js":
      'globalThis.loads = (globalThis.loads ?? 0) + 1; if (++require("counted").count !== loads) throw loads;',
    "node_modules/counted/index.js": "exports.count = 0;",
  });
  const { wrong, readings } = await reload(join(root, "main.js"));
  assert.deepEqual([wrong, readings.length], [null, 12]);
});

test("reloadModules() drops ES modules with their thread, timers and all", async (t) => {
  const root = makeProject(t, {
    "package.json": '{ "type": "module" }',
    "src/main.js": `import "./other.js"; export const all = ${LARGE}; setInterval(() => all, 1000);`,
    "src/other.js": 'import "./main.js"; await null;',
  });
  const { wrong, readings, ...rest } = await reload(join(root, "src/main.js"));
  assert.deepEqual([rest.system, wrong, readings.length], ["esm", null, 12]);
});

test("reloadModules() says what went wrong in a module", async (t) => {
  const root = makeProject(t, {
    "throws.cjs": 'throw new Error("not today");',
    "throws.mjs": 'throw new Error("not today");',
    "leaves.mjs": "process.exit(3);",
  });
  assert.match((await reload(join(root, "throws.cjs"))).wrong ?? "", /^exit code 1: .*not today/s);
  assert.match((await reload(join(root, "throws.mjs"))).wrong ?? "", /^exit code 1: .*not today/s);
  assert.match(
    (await reload(join(root, "leaves.mjs"))).wrong ?? "",
    /^exit code 1: .*ended its thread with 3/s,
  );
});

test("moduleSystemOf() goes by the name, and else by the nearest package.json", (t) => {
  const root = makeProject(t, {
    "package.json": '{ "type": "module" }',
    "old/package.json": "{}",
    "broken/package.json": "{",
    "src/deep/a.js": "",
  });
  const found = ["a.js", "a.cjs", "a.mjs", "src/deep/a.js", "old/a.js", "old/a.mjs", "broken/a.js"];
  assert.deepEqual(
    found.map((path) => moduleSystemOf(join(root, path))),
    ["esm", "cjs", "esm", "esm", "cjs", "esm", "cjs"],
  );
});

/** The invariants of the collection scenarios on made-up evidence, and collectors at made-up and real projects. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { COLLECTOR_NAMES } from "../lib/scenario/collector-options.ts";
import { COLLECTORS, type Collected, collect, findCollector } from "../lib/source/collect.ts";
import type { Collector } from "../lib/source/collector.ts";
import { deno } from "../lib/source/collectors/deno.ts";
import { jest } from "../lib/source/collectors/jest.ts";
import { mocha } from "../lib/source/collectors/mocha.ts";
import { nodeTest } from "../lib/source/collectors/node-test.ts";
import { playwright } from "../lib/source/collectors/playwright.ts";
import { pytest } from "../lib/source/collectors/pytest.ts";
import { vitest } from "../lib/source/collectors/vitest.ts";
import type { Interrupted } from "../lib/source/interrupted-collection.ts";
import type { Paralleled } from "../lib/source/parallel-collection.ts";
import { fitPowerLaw } from "../lib/source/power-law.ts";
import { layOut, type Run, type Scaled } from "../lib/source/scale-collection.ts";
import { type Dialect, makeCircularTests, makeDeepTests, makePlainTests } from "../lib/source/test-corpus.ts";
import { scenario as interruption } from "../scripts/collection-interruption.ts";
import { scenario as parallel } from "../scripts/collection-parallel.ts";
import { scenario as scale } from "../scripts/collection-scale.ts";
import { QUICKEST, ROOT, run, skipReason, temporaryFolder } from "./command.ts";
import { judgeEach } from "./judge-each.ts";

const collected: Collected = {
  ...{ names: 2000, digest: "a", errors: [], ended: "by itself", exitCode: 0 },
  ...{ tookMs: 1000, peakBytes: 80e6, left: [] },
};
const { names: _, ...plainly } = collected;
const runOf = (kind: Run["kind"], files: number, more: Partial<Run> = {}): Run => ({
  ...plainly,
  ...{
    kind,
    files,
    expected: files * 10,
    listed: files * 10,
    tookMs: 200 + files,
    peakBytes: 60e6 + files * 2e4,
  },
  ...more,
});
const SIZES = [100, 200, 500, 1000];
const plain = (more: (files: number) => Partial<Run>) =>
  SIZES.map((files) => runOf("plain", files, more(files)));
const rest = [runOf("deep", 1000), runOf("circular", 20)];
const scaled = (...runs: readonly Run[]): Partial<Scaled> => ({ runs });

describe("collection-scale", () => {
  judgeEach(
    scale,
    {
      evidence: {
        ...{ collector: "node-test", because: "the project names none", lists: "tests", missing: null },
        runs: [...plain(() => ({})), ...rest],
      },
      ...{ named: [], stayed: [] },
    },
    {
      "a collector listed tests of every size": {
        broken: [{ evidence: scaled(...plain(() => ({})).slice(1)) }],
        unknown: [{ evidence: { missing: "not installed", runs: [] } }],
      },
      "every test is listed, and none twice": {
        broken: [
          { evidence: scaled(runOf("plain", 100, { listed: 999 })) },
          { evidence: scaled(runOf("deep", 100, { listed: 2000 })) },
        ],
        unknown: [{ evidence: scaled() }],
      },
      "nothing is an error, and every collection ends": {
        broken: [
          { evidence: scaled(runOf("plain", 100, { errors: ["a.test.mjs: boom"] })) },
          { evidence: scaled(runOf("deep", 100, { ended: "late" })) },
        ],
        held: [{ evidence: scaled(runOf("plain", 100), runOf("circular", 20, { errors: ["refused"] })) }],
        unknown: [{ evidence: scaled() }],
      },
      "the largest size is listed within {within}": {
        broken: [{ evidence: scaled(...plain(() => ({ tookMs: 61_000 }))) }],
        unknown: [{ evidence: scaled() }],
      },
      "the deep ones are listed within {deepWithin}": {
        broken: [{ evidence: scaled(runOf("deep", 1000, { tookMs: 181_000 })) }],
        unknown: [{ evidence: scaled() }],
      },
      "circular ones do not hang it": {
        broken: [{ evidence: scaled(runOf("circular", 20, { tookMs: 61_000, ended: "late" })) }],
        unknown: [{ evidence: scaled() }],
      },
      "at least {minRate} tests a second are listed": {
        broken: [{ evidence: scaled(runOf("plain", 1000, { tookMs: 250_000 })) }],
        skipped: [{ evidence: { lists: "files" } }],
        unknown: [{ evidence: scaled() }],
      },
      "its memory stays below {maxMemory}": {
        broken: [{ evidence: scaled(runOf("plain", 100, { peakBytes: 501e6 })) }],
        unknown: [{ evidence: scaled(runOf("plain", 100, { peakBytes: null })) }],
      },
      "with the deep ones below {maxDeepMemory}": {
        broken: [{ evidence: scaled(runOf("deep", 100, { peakBytes: 801e6 })) }],
        unknown: [{ evidence: scaled() }],
      },
      "each file more takes less than {maxPerFile}": {
        broken: [{ evidence: scaled(...plain((files) => ({ peakBytes: 60e6 + files * 6e5 }))) }],
        unknown: [{ evidence: scaled(runOf("plain", 100)) }],
      },
      "time grows at most in step with files": {
        broken: [{ evidence: scaled(...plain((files) => ({ tookMs: 0.01 * files ** 2 }))) }],
        held: [{ evidence: scaled(...plain((files) => ({ tookMs: files }))) }],
        unknown: [{ evidence: scaled(runOf("plain", 100), runOf("plain", 200)) }],
      },
      "no process of it is left": {
        broken: [{ evidence: scaled(runOf("plain", 100, { left: ["12 node"] })) }],
        unknown: [{ evidence: scaled() }],
      },
    },
  );
});

const four = (more: Partial<Collected> = {}) => [collected, collected, collected, { ...collected, ...more }];
const nobody: Partial<Paralleled> = { alone: [], together: [] };

describe("collection-parallel", () => {
  judgeEach(
    parallel,
    {
      evidence: {
        ...{ collector: "node-test", because: "the project names none", missing: null, expected: 2000 },
        ...{ alone: four(), together: four(), aloneMs: 4000, togetherMs: 2000 },
      },
      ...{ named: [], stayed: [] },
    },
    {
      "{atOnce} collectors listed tests at once, and one after another": {
        broken: [{ evidence: { together: [collected] } }],
        unknown: [{ evidence: { missing: "not installed" } }],
      },
      "at least {minSuccess} of them succeed": {
        broken: [{ evidence: { together: four().map((one) => ({ ...one, exitCode: 1 })) } }],
        held: [{ evidence: { together: four({ exitCode: 1 }) } }],
        unknown: [{ evidence: nobody }],
      },
      "all succeed": {
        broken: [
          { evidence: { together: four({ ended: "late" }) } },
          { evidence: { together: four({ errors: ["x"] }) } },
        ],
        unknown: [{ evidence: nobody }],
      },
      "each lists the same, and all there is": {
        broken: [
          { evidence: { together: four({ names: 1999 }) } },
          { evidence: { together: four({ digest: "b" }) } },
        ],
        unknown: [{ evidence: nobody }],
      },
      "all are through within {within}": {
        broken: [{ evidence: { togetherMs: 151_000 } }],
        unknown: [{ evidence: nobody }],
      },
      "at once they are no slower than one after another": {
        broken: [{ evidence: { togetherMs: 5100 } }],
        held: [{ evidence: { togetherMs: 4100 } }],
        unknown: [{ evidence: nobody }],
      },
      "no process of them is left": {
        broken: [{ evidence: { together: four({ left: ["12 node"] }) } }],
        unknown: [{ evidence: nobody }],
      },
    },
  );
});

const missed: Partial<Interrupted> = { interruptedAfterMs: null };

describe("collection-interruption", () => {
  judgeEach(
    interruption,
    {
      evidence: {
        ...{ collector: "node-test", because: "the project names none", missing: null, expected: 2000 },
        ...{ undisturbed: collected, afterwards: collected, interruptedAfterMs: 600, endedWithinMs: 10 },
        ...{ wentOn: false, left: [], locks: [] },
      },
      ...{ named: [], stayed: [] },
    },
    {
      "it was interrupted while it listed tests": {
        broken: [{ evidence: missed }],
        unknown: [{ evidence: { missing: "not installed" } }],
      },
      "nobody disturbed the first list": {
        broken: [{ evidence: { undisturbed: { ...collected, names: 1999 } } }],
        unknown: [{ evidence: { undisturbed: null } }],
      },
      "SIGINT ends it within {endsWithin}": {
        broken: [
          { evidence: { endedWithinMs: null } },
          { evidence: { endedWithinMs: 5100 } },
          { evidence: { endedWithinMs: 400, wentOn: true } },
        ],
        unknown: [{ evidence: missed }, { evidence: { endedWithinMs: 10, wentOn: true } }],
      },
      "no process of it is left": {
        broken: [{ evidence: { left: ["12 node"] } }],
        unknown: [{ evidence: missed }],
      },
      "no lock is left": { broken: [{ evidence: { locks: [".lock"] } }], unknown: [{ evidence: missed }] },
      "the next list is complete, and the same": {
        broken: [{ evidence: { afterwards: { ...collected, names: 1000, digest: "b" } } }],
        unknown: [{ evidence: { afterwards: null } }],
      },
    },
  );
});

test("fitPowerLaw() finds the exponent, and how sure it is", () => {
  const square = fitPowerLaw([1, 2, 4, 8].map((x) => [x, 3 * x ** 2] as const));
  assert.ok(
    square && Math.abs(square.exponent - 2) < 1e-9 && square.high - square.low < 1e-6,
    JSON.stringify(square),
  );
  const noisy = fitPowerLaw([
    [1, 1],
    [2, 2.3],
    [4, 3.7],
    [8, 8.4],
  ]);
  assert.ok(noisy && noisy.low < 1 && noisy.high > 1, JSON.stringify(noisy));
  assert.equal(
    fitPowerLaw([
      [1, 1],
      [2, 2],
    ]),
    null,
  );
  assert.equal(
    fitPowerLaw([
      [2, 1],
      [2, 2],
      [2, 3],
    ]),
    null,
  );
});

test("--collector knows every collector that there is", () => {
  assert.deepEqual(COLLECTORS.map(({ name }) => name).sort(), [...COLLECTOR_NAMES].sort());
});

test("findCollector() goes by what a project has, and by what the user says", (t) => {
  const project = temporaryFolder(t);
  assert.equal(findCollector(project, null).collector, nodeTest);
  writeFileSync(join(project, "pytest.ini"), "");
  assert.deepEqual(findCollector(project, null), {
    collector: pytest,
    because: "the project has pytest.ini",
  });
  // one that is not installed is not taken
  writeFileSync(join(project, "vitest.config.ts"), "");
  assert.equal(findCollector(project, null).collector, pytest);
  mkdirSync(join(project, "node_modules/.bin"), { recursive: true });
  writeFileSync(join(project, "node_modules/.bin/vitest"), "");
  assert.equal(findCollector(project, null).collector, vitest);
  assert.equal(findCollector(project, "mocha").collector, mocha);
});

/** As they said it, shortened. */
const SAID: readonly (readonly [
  Collector,
  { stdout?: string; stderr?: string; exitCode?: number },
  number,
  RegExp | null,
])[] = [
  [pytest, { stdout: "a.py::test_a\na.py::A::test_b\n\n2 tests collected in 0.01s\n" }, 2, null],
  [pytest, { stdout: "a.py::test_a\nERROR b.py - boom\n", exitCode: 2 }, 1, /b\.py/],
  [pytest, { stderr: "No module named pytest", exitCode: 1 }, 0, /No module/],
  [vitest, { stdout: '[{"name":"a","file":"/x/a.test.ts"},{"name":"b","file":"/x/a.test.ts"}]' }, 2, null],
  [vitest, { stdout: "", stderr: "Startup Error", exitCode: 1 }, 0, /Startup Error/],
  [jest, { stdout: '["/x/a.test.js","/x/b.test.js"]' }, 2, null],
  [jest, { stdout: "", exitCode: 1 }, 0, /exit code 1/],
  [mocha, { stdout: 'hello\n{"tests":[{"fullTitle":"a","file":"/x"}]}' }, 1, null],
  [mocha, { stdout: "{", exitCode: 1 }, 0, /exit code 1/],
  [playwright, { stdout: "Listing tests:\n  a.spec.ts:3:1 › one\nTotal: 1 test in 1 file\n" }, 1, null],
  [playwright, { stdout: "  a.spec.ts:3:1 › one\nTotal: 2 tests in 1 file\n" }, 1, /exit code 0/],
  [deno, { stderr: "Check file:///a_test.ts\nCheck file:///b_test.ts\n" }, 2, null],
  [nodeTest, { stdout: '{"names":["a"],"errors":["b: boom"]}' }, 1, /boom/],
  [nodeTest, { stdout: "", stderr: "boom", exitCode: 1 }, 0, /boom/],
];

test("each collector's words are read for what they are", () => {
  for (const [collector, said, names, error] of SAID) {
    const listed = collector.read({ stdout: "", stderr: "", exitCode: 0, ...said });
    assert.equal(listed.names.length, names, `${collector.name}: ${JSON.stringify(listed)}`);
    if (error) assert.match(listed.errors.join("\n"), error);
    else assert.deepEqual(listed.errors, [], collector.name);
  }
});

const PACKAGES = join(ROOT, ".packages");

/** The real ones, each at its own words; those that name files alone count them. */
const REAL: readonly (readonly [Collector, Dialect, string | null])[] = [
  [nodeTest, "node-test", null],
  [pytest, "python", pytestMissing()],
  [mocha, "globals", packagesMissing("mocha")],
  [jest, "globals", packagesMissing("jest")],
  [playwright, "playwright", packagesMissing("playwright")],
  [vitest, "globals", packagesMissing("vitest")],
];

function pytestMissing(): string | null {
  const command = pytest.command({ project: ROOT, folder: ROOT });
  return "missing" in command ? command.missing : null;
}

function packagesMissing(program: string): string | null {
  const command = COLLECTORS.find(({ name }) => name === program)?.command({
    project: PACKAGES,
    folder: ROOT,
  });
  return command && "missing" in command ? `${command.missing}: make packages` : null;
}

for (const [collector, dialect, missing] of REAL)
  test(`${collector.name} lists exactly what is there, plain and deep`, {
    skip: skipReason(missing),
  }, async (t) => {
    for (const corpus of [makePlainTests(dialect, 12), makeDeepTests(dialect, 2)]) {
      const folder = await layOut(temporaryFolder(t), corpus.corpus, { project: PACKAGES, signal: t.signal });
      const listed = await collect({
        ...{ collector, project: PACKAGES, folder, fault: null, withinMs: 120_000 },
        ...{ mark: `test${process.pid}`, name: collector.name, signal: t.signal },
      });
      assert.ok(typeof listed !== "string", String(listed));
      assert.equal(
        listed.names,
        collector.lists === "tests" ? corpus.tests : corpus.files,
        JSON.stringify(listed),
      );
      assert.deepEqual([listed.errors, listed.left, listed.ended], [[], [], "by itself"]);
      assert.ok((listed.peakBytes ?? 0) > 10e6, `${listed.peakBytes} bytes`);
    }
  });

test("the list of node:test knows suites, CommonJS, and what is broken", async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "deep"));
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(join(folder, name), lines.join("\n"));
  write("a.test.mjs", [
    'import test, { describe, it, before } from "node:test";',
    'before(() => { throw new Error("not run"); });',
    'test("one", () => { throw new Error("not run"); });',
    'describe("suite", () => { it("two", () => {}); describe("inner", () => { it.skip("three", () => {}); }); });',
  ]);
  write("deep/b.test.cjs", [
    'const test = require("node:test");',
    'test("four", () => {});',
    'test.test("five");',
  ]);
  write("broken.test.mjs", ["const = 1;"]);
  const circular = makeCircularTests("node-test", 20);
  await layOut(folder, circular.corpus, { project: PACKAGES, signal: t.signal });
  const listed = await collect({
    ...{ collector: nodeTest, project: folder, folder, fault: null, withinMs: 60_000 },
    ...{ mark: `test${process.pid}`, name: "own", signal: t.signal },
  });
  assert.ok(typeof listed !== "string");
  assert.equal(listed.names, 5 + circular.tests, JSON.stringify(listed));
  assert.match(listed.errors.join(), /broken\.test\.mjs/);
});

test("nothing is planted in a collector that is not ours", async () => {
  const words = ["--collector", "pytest", "--fault", "hangs"];
  const { code, stderr } = await run("scripts/collection-scale.ts", words, QUICKEST);
  assert.equal(code, 2);
  assert.match(stderr, /expected --collector node-test with --fault/);
});

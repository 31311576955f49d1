/** stress-all: one table, one JSON document, one verdict; nothing that a scenario does takes the others along. Needs the box to itself. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { exitCodeOfSuite, judgeSuite, type Suite, type SuiteRow, suiteSchema } from "../lib/report/suite.ts";
import { discoverScenarios } from "../lib/scenario/discover.ts";
import { Interruption } from "../lib/scenario/interruption.ts";
import { runSuite, type SuiteRequest } from "../lib/scenario/suite.ts";
import { type Ended, QUICKEST, run, temporaryFolder } from "./command.ts";
import { listRuns, readNewestSuite } from "./remains.ts";

const FILE = "scripts/stress-all.ts";
const TWO = ["--smoke", "--only", "limits-audit,descriptor-exhaustion"];

function parseSuite({ stdout }: Ended): Suite {
  return suiteSchema.parse(JSON.parse(stdout));
}

test("stress-all prints one JSON document, whose verdict is the worst one, and leads to every report", async (t) => {
  const out = temporaryFolder(t);
  const ended = await run(FILE, [...TWO, "--json", "--out", out]);
  const suite = parseSuite(ended);
  assert.deepEqual(readNewestSuite(out), suite);
  assert.deepEqual(
    suite.rows.map(({ scenario }) => scenario),
    ["descriptor-exhaustion", "limits-audit"],
  );
  assert.deepEqual(suite.verdict, judgeSuite(suite.rows));
  assert.equal(ended.code, exitCodeOfSuite(suite.verdict.kind, suite.rows));
  assert.equal(suite.exitCode, ended.code);
  for (const { scenario, run: folder } of suite.rows) {
    assert.equal(folder, `${scenario}/${listRuns(out, scenario)[0]}`);
    assert.ok(existsSync(join(out, folder, "report.md")));
  }
  const latest = JSON.parse(readFileSync(join(out, "latest.json"), "utf8"));
  assert.deepEqual([latest.scenario, latest.verdict], ["stress-all", suite.verdict.kind]);
  assert.match(ended.stderr, /^1 of 2: descriptor-exhaustion, for .+$/m);
  assert.match(ended.stderr, /^2 of 2: limits-audit, for .+$/m);
  assert.deepEqual(readdirSync(out).sort(), [
    "descriptor-exhaustion",
    "index.html",
    "latest.json",
    "limits-audit",
    "stress-all",
  ]);
});

test("stress-all prints one table, the worst verdict last", async (t) => {
  const out = temporaryFolder(t);
  const { stdout, code } = await run(FILE, ["--smoke", "--only", "audit", "--out", out]);
  const { verdict, rows, run: folder } = readNewestSuite(out);
  const lines = stdout.trimEnd().split("\n");
  assert.match(lines[0] ?? "", new RegExp(`limits-audit +${verdict.kind} +[\\d.]+ s +full size$`));
  assert.deepEqual(lines.slice(-2), [
    verdict.sentence,
    `Report: ${join(out, "stress-all", folder, "report.md")}`,
  ]);
  assert.match(lines.at(-3) ?? "", new RegExp(`${verdict.kind.toUpperCase()} stress-all \\(`));
  assert.deepEqual([rows.length, code], [1, rows[0]?.exitCode]);
});

/** So few files may be open that limits-audit fails. */
const LIMITED = {
  name: "prlimit",
  command: ["prlimit", "--nofile=256:256", ...QUICKEST.command],
  missing: null,
};

test("the worst verdict wins, and with --fail-fast it is the last", async (t) => {
  const out = temporaryFolder(t);
  const words = [
    "--smoke",
    "--json",
    "--only",
    "limits-audit,memory-concurrency",
    "--fail-fast",
    "--out",
    out,
  ];
  const ended = await run(FILE, words, LIMITED);
  const { verdict, rows } = parseSuite(ended);
  assert.deepEqual([verdict.kind, ended.code], ["fail", 1]);
  assert.deepEqual(
    rows.map(({ kind }) => kind),
    ["fail", "skipped"],
  );
  assert.equal(rows[1]?.sentence, "After limits-audit: --fail-fast.");
  assert.ok(!existsSync(join(out, "memory-concurrency")));
});

test("what cannot start is skipped with its reason, and nothing but skipped is 77", async (t) => {
  const out = temporaryFolder(t);
  const words = ["--smoke", "--json", "--only", "cpu-saturation", "--out", out];
  const ended = await run(FILE, words, QUICKEST, { PROOFLOAD_CORES: "999" });
  const { rows } = parseSuite(ended);
  assert.equal(ended.code, 77);
  assert.equal(rows[0]?.kind, "skipped");
  assert.match(
    rows[0]?.sentence ?? "",
    /^Cannot load --cores 999: expected at most the \d+ that this process may use$/,
  );
});

test("one budget is shared, and the table says what it shrank", async (t) => {
  const out = temporaryFolder(t);
  const words = ["--json", "--only", "limits-audit,descriptor-exhaustion", "--budget", "15s", "--out", out];
  const { rows } = parseSuite(await run(FILE, words));
  const [descriptors, audit] = rows;
  assert.ok((descriptors?.budgetMs ?? 0) >= 9000 && (descriptors?.budgetMs ?? 0) <= 11_000);
  assert.match(descriptors?.shrunk.join() ?? "", /^hold [1-3](\.\d)? s,settle /);
  assert.deepEqual([audit?.budgetMs, audit?.shrunk], [4000, []]);
});

test("stress-all helps, and lists what would run, and makes nothing", async (t) => {
  const out = join(temporaryFolder(t), "reports");
  const help = await run(FILE, ["--help"]);
  assert.match(help.stdout, /^scripts\/stress-all\.ts \[options\]\n\nRun every scenario there is/);
  for (const flag of ["--budget", "--only", "--skip", "--fail-fast", "--json"])
    assert.ok(help.stdout.includes(flag));
  const plan = await run(FILE, [
    "--dry-run",
    "--skip",
    "exhaustion,confidence,sockets,imports,containers",
    "--out",
    out,
  ]);
  assert.match(plan.stdout, /^limits-audit for .+, at most nothing\n$/);
  for (const { code, stderr } of [help, plan]) assert.deepEqual([code, stderr], [0, ""]);
  assert.ok(!existsSync(out));
});

describe("a suite of scenarios that misbehave", async () => {
  const scenarios = await discoverScenarios(new URL("./fixtures/scenarios/", import.meta.url));

  async function runFixtures(out: string, own: Partial<SuiteRequest>): Promise<Suite> {
    const result = await runSuite({
      scenarios,
      budgetMs: 60_000,
      words: ["--out", out],
      failFast: false,
      out,
      patience: { pastBudgetMs: 3000, pastSigtermMs: 200 },
      signal: new AbortController().signal,
      tell: () => {},
      ...own,
    });
    assert.ok(result.kind === "ran");
    return result.suite;
  }

  const tell = ({ scenario, kind, sentence, exitCode }: SuiteRow) => [
    scenario,
    kind,
    kind === "pass" ? "" : sentence,
    exitCode,
  ];

  test("runs to its end, and says of each what became of it", async (t) => {
    const suite = await runFixtures(temporaryFolder(t), {});
    assert.deepEqual(suite.rows.map(tell), [
      ["begs", "skipped", "Cannot do this: expected less", null],
      ["breaks", "fail", "Not so: nothing is broken: broken, limit whole.", 1],
      ["dies", "error", "It was ended by SIGKILL and left no report.", null],
      ["exits", "error", "It left no report, exit code 5.", 5],
      ["hangs", "error", "It did not end within 6.5 s, and was ended.", null],
      ["passes", "pass", "", 0],
    ]);
    assert.deepEqual([suite.verdict.kind, suite.exitCode], ["error", 70]);
  });

  test("does not start what a budget has no time for", async (t) => {
    const two = scenarios.filter(({ name }) => name === "breaks" || name === "passes");
    const { rows } = await runFixtures(temporaryFolder(t), { scenarios: two, budgetMs: 4000 });
    assert.deepEqual(tell(rows[1] as SuiteRow), [
      "passes",
      "inconclusive",
      "The budget has no time left for it.",
      null,
    ]);
  });

  test("starts none when it has been interrupted, and is no pass", async (t) => {
    const signal = AbortSignal.abort(new Interruption("SIGINT"));
    const suite = await runFixtures(temporaryFolder(t), { signal });
    assert.deepEqual([suite.verdict.kind, suite.exitCode], ["interrupted", 130]);
    for (const { kind } of suite.rows.slice(1)) assert.equal(kind, "interrupted");
  });
});

/** The fault matrix: each run in a folder of its own, several at a time, and a report of who caught what, however it ends. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { identifyProcess } from "../lib/host/process-identity.ts";
import { takeLock } from "../lib/report/lock.ts";
import { type Matrix, matrixSchema } from "../lib/report/matrix.ts";
import { reportSchema } from "../lib/report/report.ts";
import { discoverScenarios } from "../lib/scenario/discover.ts";
import { type MatrixRequest, runMatrix, type Trial } from "../lib/scenario/fault-matrix.ts";
import { Interruption } from "../lib/scenario/interruption.ts";
import { becomes } from "../lib/target/fixtures/launching.ts";
import { BEHAVIOURS, FAULTS } from "../targets/hub/faults.ts";
import { run, start, temporaryFolder } from "./command.ts";
import { pidOf } from "./long-run.ts";
import { allEnded, findDescendants, listRuns } from "./remains.ts";

const FILE = "scripts/fault-matrix.ts";
const scenarios = await discoverScenarios(new URL("./fixtures/scenarios/", import.meta.url));

function trial(name: string, planted: Trial["planted"]): Trial {
  const scenario = scenarios.find((each) => each.name === name);
  assert.ok(scenario, name);
  return {
    scenario,
    planted,
    name: `${planted}-${name}`,
    about: "made up",
    caughtBy: planted === "fault" ? "nothing is broken" : null,
    budgetMs: 20_000,
    takes: "processor",
    words: [],
  };
}

async function runTrials(out: string, trials: readonly Trial[], more: Partial<MatrixRequest> = {}) {
  const told: string[] = [];
  const signal = new AbortController().signal;
  const request = { trials, jobs: 2, out, signal, tell: (line: string) => told.push(line) };
  const result = await runMatrix({ ...request, ...more });
  assert.ok(result.kind === "ran");
  return { ...result, told };
}

const readMatrix = (path: string): Matrix =>
  matrixSchema.parse(JSON.parse(readFileSync(join(path, "report.json"), "utf8")));
const tell = ({ rows }: Matrix) => rows.map(({ name, kind }) => [name, kind]);

describe("a matrix of scenarios that pass, break, beg and die", () => {
  test("runMatrix() runs each in a folder of its own, and its report leads to theirs", async (t) => {
    const out = temporaryFolder(t);
    const trials = [trial("breaks", "fault"), trial("passes", "nothing"), trial("passes", "nothing")];
    const { matrix, path, told } = await runTrials(out, trials);
    assert.deepEqual(readMatrix(path), matrix);
    assert.deepEqual(tell(matrix), [
      ["fault-breaks", "fail"],
      ["nothing-passes", "pass"],
      ["nothing-passes", "pass"],
    ]);
    assert.equal(matrix.verdict.sentence, "1 of 1 faults caught; 0 false alarms in 2 healthy runs.");
    assert.deepEqual([matrix.verdict.kind, matrix.exitCode], ["pass", 0]);
    assert.equal(new Set(matrix.rows.map((row) => row.run)).size, 3);
    for (const row of matrix.rows) {
      assert.ok(row.run);
      const report = reportSchema.parse(JSON.parse(readFileSync(join(path, row.run, "report.json"), "utf8")));
      assert.deepEqual([report.verdict.kind, report.verdict.sentence], [row.kind, row.sentence]);
    }
    assert.deepEqual(told.map((line) => line.replace(/\s+/g, " ")).sort(), [
      "fail breaks fault-breaks",
      "pass passes nothing-passes",
      "pass passes nothing-passes",
    ]);
    const latest = JSON.parse(readFileSync(join(out, "latest.json"), "utf8"));
    assert.deepEqual([latest.scenario, latest.verdict, latest.exitCode], ["fault-matrix", "pass", 0]);
    assert.match(readFileSync(join(path, "report.md"), "utf8"), /^# ✅ PASS fault-matrix\n/);
    assert.ok(!existsSync(join(out, "fault-matrix", ".lock.json")), "it is still locked");
  });

  test("runMatrix() fails for a fault that is not caught, and for what dies where nothing is planted", async (t) => {
    const trials = [trial("passes", "fault"), trial("dies", "fault"), trial("dies", "behaviour")];
    const { matrix } = await runTrials(temporaryFolder(t), trials);
    assert.deepEqual(tell(matrix), [
      ["fault-passes", "pass"],
      ["fault-dies", "error"],
      ["behaviour-dies", "error"],
    ]);
    assert.equal(matrix.verdict.sentence, "0 of 2 faults caught; 1 false alarms in 1 healthy runs.");
    assert.deepEqual([matrix.verdict.kind, matrix.exitCode, matrix.rows[1]?.run], ["fail", 1, null]);
  });

  test("runMatrix() that is interrupted ends what runs, starts no other, and has told what was done", async (t) => {
    const interrupted = new AbortController();
    const trials = [trial("breaks", "fault"), trial("passes", "nothing"), trial("passes", "nothing")];
    const { matrix, path } = await runTrials(temporaryFolder(t), trials, {
      jobs: 1,
      signal: interrupted.signal,
      tell: () => interrupted.abort(new Interruption("SIGTERM")),
    });
    assert.deepEqual([matrix.verdict.kind, matrix.exitCode], ["interrupted", 143]);
    assert.equal(matrix.verdict.sentence, "Interrupted by SIGTERM.");
    assert.deepEqual(tell(readMatrix(path)), [["fault-breaks", "fail"]]);
  });

  test("runMatrix() leaves a matrix that already runs alone", async (t) => {
    const out = temporaryFolder(t);
    await runTrials(out, []);
    const since = new Date().toISOString();
    takeLock(join(out, "fault-matrix"), { holder: identifyProcess(), since, run: "other", temporary: [] });
    const signal = new AbortController().signal;
    const result = await runMatrix({ trials: [], jobs: 1, out, signal, tell: () => {} });
    assert.ok(result.kind === "locked");
    assert.equal(result.by.run, "other");
    assert.equal(listRuns(out, "fault-matrix").length, 1);
  });
});

test("fault-matrix lists every fault and behaviour, each in its scenario, and makes nothing", async (t) => {
  const out = join(temporaryFolder(t), "reports");
  const { code, stdout, stderr } = await run(FILE, ["--dry-run", "--smoke", "--out", out]);
  assert.deepEqual([code, stderr], [0, ""]);
  for (const [name, { scenario }] of Object.entries({ ...FAULTS, ...BEHAVIOURS }))
    assert.match(stdout, new RegExp(`${scenario}.* ${name}\\b`), name);
  assert.ok(!existsSync(out));
});

test("fault-matrix tells all that is wrong with its options at once", async () => {
  const { code, stderr } = await run(FILE, ["--only", "no-cap,no-such", "--jobs", "0"]);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /^Cannot read --jobs: expected .+, got "0"$/m);
  assert.match(
    stderr,
    /^Cannot find "no-such": expected a scenario, a fault or a behaviour, one of .+no-cap/m,
  );
});

test("fault-matrix sees a real fault caught, as one JSON document", async (t) => {
  const out = temporaryFolder(t);
  const { code, stdout, stderr } = await run(FILE, [
    "--smoke",
    "--only",
    "lock-left",
    "--json",
    "--out",
    out,
  ]);
  const matrix = matrixSchema.parse(JSON.parse(stdout));
  assert.deepEqual([tell(matrix), code], [[["lock-left", "fail"]], 0], stderr);
  assert.match(
    matrix.rows[0]?.sentence ?? "",
    /^Not so: no lock file, pid file, port or child is left after any stop: /,
  );
});

test("fault-matrix that is interrupted ends what it started, and says so in its report", async (t) => {
  const out = temporaryFolder(t);
  const matrix = start(FILE, ["--only", "lock-left", "--out", out]);
  const runs = join(out, "fault-matrix");
  const below = () => join(runs, listRuns(out, "fault-matrix")[0] ?? "", "runs", "1-lock-left");
  const isRunning = () => existsSync(runs) && existsSync(join(below(), "rapid-restart", ".lock.json"));
  await becomes(isRunning, "the run of rapid-restart");
  const started = findDescendants(pidOf(matrix));
  matrix.child.kill("SIGINT");
  const { code, stdout } = await matrix.ended;
  assert.equal(code, 130, stdout);
  await allEnded(started);
  assert.deepEqual(tell(readMatrix(join(below(), "../.."))), [["lock-left", "interrupted"]]);
  assert.match(stdout, /^⏹️ INTERRUPTED fault-matrix/m);
});

/** Runs that a real SIGKILL ended: the next command finishes their report, with every sample up to then. */
import assert from "node:assert/strict";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { startChild } from "../host/fixtures/child.ts";
import { identifyProcess } from "../host/process-identity.ts";
import { TEMPORARY_PREFIX } from "../host/temporary-name.ts";
import { madeUpReport } from "./fixtures/made-up.ts";
import { type LockRecord, readLock, takeLock } from "./lock.ts";
import { matrixSchema } from "./matrix.ts";
import { recoverKilledRuns } from "./recover.ts";
import { reportSchema } from "./report.ts";

let out = "";
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "recover-test-"));
});
afterEach(() => rmSync(out, { recursive: true }));

/** Starts a run in a child that takes so many samples, and kills it. Answers the run's folder. */
async function killRun(samples: number): Promise<string> {
  const code = `
    import { mkdirSync, writeSync } from "node:fs";
    import { identifyProcess } from "./lib/host/process-identity.ts";
    import { madeUpReport } from "./lib/report/fixtures/made-up.ts";
    import { takeLock } from "./lib/report/lock.ts";
    import { makeRunFolder, openRunFolder } from "./lib/report/run-folder.ts";
    const [out, scenario] = ${JSON.stringify([out, join(out, "made-up")])};
    mkdirSync(scenario);
    const run = makeRunFolder(scenario, new Date());
    const since = new Date().toISOString();
    const lock = takeLock(scenario, { holder: identifyProcess(), since, run, temporary: [] });
    lock.journal({ kind: "folder", path: out + "/${TEMPORARY_PREFIX}held" });
    mkdirSync(out + "/${TEMPORARY_PREFIX}held");
    const folder = openRunFolder(out, scenario + "/" + run, madeUpReport({ startedAt: since }), 10);
    for (let n = 1; n <= ${samples}; n++) {
      const phase = n < 3 ? "baseline" : "hold";
      folder.appendSample({ atMs: n * 100, lateMs: 0, phase, gauges: {}, loads: {}, named: {} });
    }
    writeSync(1, folder.path);
    setInterval(() => {}, 60_000);`;
  const child = startChild(code);
  const [path] = child.stdout ? ((await once(child.stdout, "data")) as [Buffer]) : [];
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
  return String(path);
}

function readReport(run: string) {
  return reportSchema.parse(JSON.parse(readFileSync(join(run, "report.json"), "utf8")));
}

test("recoverKilledRuns() finishes the report of a killed run with every sample, and cleans up after it", async () => {
  const run = await killRun(4);
  assert.ok(readFileSync(join(run, "samples.ndjson")).includes(0), "nothing was reserved");
  const told = await recoverKilledRuns(out);
  assert.equal(told.length, 1);
  assert.match(
    told[0] ?? "",
    /^Finished an earlier run, made-up\/.*: Killed during hold: process \d+ ended without a word\.$/,
  );
  const { verdict, exitCode, durationMs, endedAt, startedAt } = readReport(run);
  assert.deepEqual([verdict.kind, exitCode, durationMs], ["error", 70, 400]);
  assert.equal(Date.parse(endedAt ?? "") - Date.parse(startedAt), 400);
  const lines = readFileSync(join(run, "samples.ndjson"), "utf8").trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).atMs),
    [100, 200, 300, 400],
  );
  assert.deepEqual(readdirSync(run).sort(), ["report.html", "report.json", "report.md", "samples.ndjson"]);
  assert.equal(
    JSON.parse(readFileSync(join(out, "latest.json"), "utf8")).run,
    join("made-up", basename(run)),
  );
  assert.equal(existsSync(join(out, `${TEMPORARY_PREFIX}held`)), false);
  assert.equal(readLock(join(out, "made-up")), null);
  assert.deepEqual(await recoverKilledRuns(out), []);
});

test("recoverKilledRuns() says so of a run that was killed before its first sample", async () => {
  const run = await killRun(0);
  assert.match((await recoverKilledRuns(out))[0] ?? "", /Killed before its first sample/);
  assert.equal(readFileSync(join(run, "samples.ndjson"), "utf8"), "");
  assert.equal(readReport(run).durationMs, 0);
});

/** A run folder of a process that is dead, with these samples. */
function leaveDeadRun(samples: string): string {
  const run = join(out, "made-up", "run");
  mkdirSync(run, { recursive: true });
  const holder = { ...identifyProcess(), startTicks: 1 };
  takeLock(join(out, "made-up"), { holder, since: new Date().toISOString(), run: "run", temporary: [] });
  appendFileSync(join(run, "report.json"), JSON.stringify(madeUpReport()));
  appendFileSync(join(run, "samples.ndjson"), samples);
  return run;
}

test("recoverKilledRuns() cuts off a half-written line, and the zeros behind it", async () => {
  const whole = `{"atMs":100,"phase":"load"}\n{"atMs":200,"phase":"load"}\n`;
  for (const tail of ["", `{"atMs":300,"ph`, "\0".repeat(5000), `{"atMs":300,"ph${"\0".repeat(5000)}`]) {
    const run = leaveDeadRun(whole + tail);
    assert.match((await recoverKilledRuns(out))[0] ?? "", /Killed during load/);
    assert.equal(readFileSync(join(run, "samples.ndjson"), "utf8"), whole);
    rmSync(run, { recursive: true });
  }
});

test("recoverKilledRuns() finishes a killed fault matrix, and what it ran below its own folder", async () => {
  const top = out;
  const path = join(top, "fault-matrix", "run");
  out = join(path, "runs", "1-lock-left");
  mkdirSync(out, { recursive: true });
  const below = leaveDeadRun(`{"atMs":100,"phase":"load"}\n`);
  out = top;
  const row = {
    ...{ scenario: "rapid-restart", planted: "fault", name: "lock-left", about: "it stays" },
    ...{ caughtBy: "is left", broken: ["a lock is left"] },
    ...{ kind: "fail", sentence: "Not so.", tookMs: 1000, run: null },
  };
  const matrix = {
    ...{ schemaVersion: 1, scenario: "fault-matrix", run: "run", startedAt: "2026-01-02T03:04:05.000Z" },
    ...{ endedAt: null, durationMs: 1000, exitCode: null, rows: [row] },
    verdict: { kind: "unfinished", sentence: "Still running." },
  };
  appendFileSync(join(path, "report.json"), JSON.stringify(matrix));
  const holder = { ...identifyProcess(), startTicks: 1 };
  const since = new Date().toISOString();
  takeLock(join(top, "fault-matrix"), { holder, since, run: "run", temporary: [] });

  const [told, toldBelow] = await recoverKilledRuns(top);
  assert.match(told ?? "", /^Finished an earlier run, fault-matrix\/run: Killed after rapid-restart: /);
  assert.match(toldBelow ?? "", /^Finished an earlier run, made-up\/run: Killed during load: /);
  const finished = matrixSchema.parse(JSON.parse(readFileSync(join(path, "report.json"), "utf8")));
  assert.deepEqual([finished.verdict.kind, finished.exitCode, finished.rows.length], ["error", 70, 1]);
  assert.match(readFileSync(join(path, "report.md"), "utf8"), /^# 💥 ERROR fault-matrix\n/);
  assert.equal(readReport(below).verdict.kind, "error");
});

test("recoverKilledRuns() leaves a finished report as it is", async () => {
  const run = leaveDeadRun("");
  const finished = madeUpReport({ verdict: { kind: "pass", sentence: "All held." }, exitCode: 0 });
  rmSync(join(run, "report.json"));
  appendFileSync(join(run, "report.json"), JSON.stringify(finished));
  assert.match((await recoverKilledRuns(out))[0] ?? "", /was killed after its report was written/);
  assert.deepEqual(readReport(run), finished);
});

test("recoverKilledRuns() leaves a run that lives alone", async () => {
  mkdirSync(join(out, "made-up"));
  const since = new Date().toISOString();
  const record: LockRecord = { holder: identifyProcess(), since, run: "run", temporary: [] };
  takeLock(join(out, "made-up"), record);
  assert.deepEqual(await recoverKilledRuns(out), []);
  assert.deepEqual(readLock(join(out, "made-up")), record);
});

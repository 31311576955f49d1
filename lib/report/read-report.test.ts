/** Saved reports are read whatever their version; what is none is refused in words. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { madeUpReport } from "./fixtures/made-up.ts";
import { isRun, parseReport, readReport } from "./read-report.ts";

const VERSION_1 = fileURLToPath(new URL("./fixtures/report-version-1.json", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "read-report-test-"));
after(() => rmSync(folder, { recursive: true }));

test("readReport() takes a report of version 1, as it was written then, for one of version 2", () => {
  const { report } = readReport(VERSION_1);
  assert.ok(isRun(report));
  const written = JSON.parse(readFileSync(VERSION_1, "utf8"));
  assert.deepEqual([written.schemaVersion, report.schemaVersion], [1, 2]);
  assert.deepEqual({ ...report, schemaVersion: 1 }, written);
});

test("readReport() takes a file, or the folder that it is in", () => {
  const report = madeUpReport();
  writeFileSync(join(folder, "report.json"), JSON.stringify(report));
  for (const path of [folder, join(folder, "report.json")])
    assert.deepEqual(readReport(path), { report, run: folder });
});

test("readReport() says what it expected, and what came", () => {
  let written = 0;
  const write = (text: string) => {
    const path = join(folder, `other-${++written}.json`);
    writeFileSync(path, text);
    return path;
  };
  for (const [path, said] of [
    [join(folder, "none"), /: Cannot read .+: expected a report\.json, or the folder of a run \(ENOENT\)$/],
    [write("{"), /: Cannot read .+other-1\.json: expected a report, got .+JSON/],
    [write("{}"), /expected a report, got .+schemaVersion/s],
    [
      write(JSON.stringify({ ...madeUpReport(), schemaVersion: 3 })),
      /got one of version 3: this Proofload knows 1 to 2$/,
    ],
    [write(JSON.stringify({ ...madeUpReport(), findings: 1 })), /expected a report, got .+at findings/s],
  ] as const)
    assert.throws(() => readReport(path), said);
});

test("parseReport() tells stress-all and the fault matrix by their names", () => {
  const rows = { schemaVersion: 1, run: "now", startedAt: "2026-01-02T03:04:05.000Z", rows: [] };
  const ended = { endedAt: null, durationMs: null, exitCode: null };
  const verdict = { kind: "unfinished", sentence: "Still running." };
  const suite = { ...rows, ...ended, verdict, scenario: "stress-all", budgetMs: 1 };
  assert.deepEqual(parseReport(suite), suite);
  assert.throws(() => parseReport({ ...suite, scenario: "fault-matrix", schemaVersion: 2 }), /version 2/);
});

/** What can be done with a run's report afterwards: other forms, comparisons, a baseline, an index; and what is refused. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FORMATS } from "../lib/report/format-names.ts";
import { parseReport, ROOT, run, temporaryFolder } from "./command.ts";
import { listRuns } from "./remains.ts";

const AUDIT = "scripts/limits-audit.ts";
const VERSION_1 = join(ROOT, "lib/report/fixtures/report-version-1.json");

test("a run leaves files for machines and an index, and is measured by the last pass", async (t) => {
  const out = temporaryFolder(t);
  const [junit, prom] = [join(out, "junit.xml"), join(out, "proofload.prom")];
  const words = ["--out", out, "--baseline", "last-pass", "--junit", junit, "--prom", prom];
  const first = await run(AUDIT, words);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /^No run has passed yet: there is no baseline\.$/m);
  assert.match(readFileSync(junit, "utf8"), /<testsuite name="limits-audit" .*failures="0" errors="0"/);
  assert.match(readFileSync(prom, "utf8"), /^proofload_run_passed\{scenario="limits-audit"\} 1$/m);
  const second = parseReport(await run(AUDIT, [...words, "--json"]));
  const [finding] = second.findings.filter(({ sentence }) => sentence.startsWith("nothing is slower"));
  assert.ok(finding?.outcome === "held", JSON.stringify(finding));
  assert.deepEqual(finding.evidence, [`compared with ${listRuns(out, "limits-audit")[0]}`]);
  const index = readFileSync(join(out, "index.html"), "utf8");
  for (const name of listRuns(out, "limits-audit"))
    assert.ok(index.includes(`href="limits-audit/${name}/report.html"`));
  assert.match(
    readFileSync(join(out, "limits-audit", second.run, "report.html"), "utf8"),
    /<h2>Earlier runs/,
  );
});

test("report.ts renders every form of a report, also of one that an older version wrote", async (t) => {
  const to = join(temporaryFolder(t), "rendered");
  const signs: Record<(typeof FORMATS)[number], RegExp> = {
    terminal: /PASS limits-audit/,
    markdown: /^# ✅ PASS limits-audit/,
    html: /^<!doctype html>.*<\/html>\n$/s,
    json: /^\{\n {2}"schemaVersion": 2,/,
    junit: /^<\?xml/,
    prometheus: /^# HELP proofload_run_end_timestamp_seconds/,
    github: /^$/,
  };
  for (const format of FORMATS) {
    const { code, stderr } = await run("scripts/report.ts", [
      "--from",
      VERSION_1,
      "--format",
      format,
      "--to",
      to,
    ]);
    assert.equal(code, 0, stderr);
    assert.match(readFileSync(to, "utf8"), signs[format], format);
  }
});

test("report.ts ends quietly when whoever reads has seen enough", () => {
  const file = join(ROOT, "scripts/report.ts");
  const { status, stderr } = spawnSync(
    "sh",
    ["-c", `'${file}' --from '${VERSION_1}' --format html | head -c 1`],
    { encoding: "utf8" },
  );
  assert.deepEqual([status, stderr], [0, ""]);
});

/** A run of version 1 with other numbers, in a folder of its own. */
function leaveChanged(folder: string, change: (report: ReturnType<typeof readOld>) => void): string {
  const report = readOld();
  change(report);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "report.json"), JSON.stringify({ ...report, schemaVersion: 2 }));
  return folder;
}

function readOld(): { scenario: string; findings: { value?: number; bound?: object; limit?: string }[] } {
  return JSON.parse(readFileSync(VERSION_1, "utf8"));
}

test("compare-reports.ts tells what is worse by exit code 1, and nothing by 0", async (t) => {
  const folder = temporaryFolder(t);
  const measured = (value: number) => (report: ReturnType<typeof readOld>) => {
    const finding = report.findings.find((one) => one.limit?.startsWith("≤ 10 %"));
    Object.assign(finding ?? {}, { value, bound: { is: "atMost", value: 0.1 } });
  };
  const [little, much] = [0.1, 0.4].map((value) =>
    leaveChanged(join(folder, String(value)), measured(value)),
  );
  const compare = (...words: (string | undefined)[]) => run("scripts/compare-reports.ts", words.map(String));
  const worse = await compare(little, much);
  assert.equal(worse.code, 1, worse.stderr);
  assert.match(
    worse.stdout,
    /^worse: tasks wait for memory at most 10 % of the time: 10 % → 40 % \(4 times\)$/m,
  );
  const better = await compare(much, little, "--json");
  assert.deepEqual([better.code, JSON.parse(better.stdout).better.length], [0, 1]);
  assert.equal((await compare(little, little)).code, 0);
});

test("what cannot be rendered or compared is refused, all mistakes at once, and nothing is made", async (t) => {
  const out = temporaryFolder(t);
  const other = leaveChanged(join(out, "other"), (report) => {
    report.scenario = "another";
  });
  const cases: [string, string[], RegExp][] = [
    ["scripts/report.ts", [], /^Cannot render nothing: expected --from FILE$/m],
    [
      "scripts/report.ts",
      ["--from", out, "--format", "pdf"],
      /--format: expected one of terminal, .+, got "pdf"/,
    ],
    [
      "scripts/compare-reports.ts",
      [VERSION_1],
      /^Cannot compare 1 reports: expected two, BEFORE and AFTER$/m,
    ],
    ["scripts/compare-reports.ts", ["none", "neither"], /Cannot read none.+\nCannot read neither/],
    [
      "scripts/compare-reports.ts",
      [VERSION_1, other],
      /^Cannot compare limits-audit with another: expected two runs of one scenario$/m,
    ],
    [
      AUDIT,
      ["--out", join(out, "reports"), "--baseline", other],
      /for a baseline: expected a run of limits-audit, got another$/m,
    ],
    [
      AUDIT,
      ["--out", join(out, "reports"), "--ping", "there"],
      /--ping: expected an http:\/\/ or https:\/\/ URL, got "there"/,
    ],
  ];
  for (const [file, words, said] of cases) {
    const { code, stdout, stderr } = await run(file, words);
    assert.deepEqual([code, stdout], [2, ""], stderr);
    assert.match(stderr, said);
  }
  assert.ok(!existsSync(join(out, "reports")));
});

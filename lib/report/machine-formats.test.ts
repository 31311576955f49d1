/** JUnit, Prometheus and GitHub get what happened, whatever text is in it: read back by parsers that are not ours. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { HOSTILE } from "./fixtures/hostile.ts";
import { madeUpFinding, madeUpReport } from "./fixtures/made-up.ts";
import { annotate, disarm, shortenSummary } from "./github.ts";
import { renderJunit } from "./junit.ts";
import type { Matrix } from "./matrix.ts";
import { renderPrometheus } from "./prometheus.ts";
import type { Report } from "./report.ts";
import type { Suite } from "./suite.ts";

const broken = {
  ...madeUpFinding("broken", HOSTILE),
  ...{ value: 250, unit: "ms", bound: { is: "atMost", value: 200 } },
} as Report["findings"][number];
const report = madeUpReport({
  findings: [madeUpFinding("held", "it held"), broken, madeUpFinding("unknown"), madeUpFinding("skipped")],
  verdict: { kind: "fail", sentence: HOSTILE },
  ...{ exitCode: 1, durationMs: 1500, endedAt: "2026-01-02T03:04:06.500Z" },
});

/** What Python's expat makes of it: it refuses anything that is not well formed. */
function parseXml(text: string): { tag: string; attributes: Record<string, string>; text: string | null }[] {
  const program =
    "import sys,json,xml.etree.ElementTree as e;print(json.dumps([{'tag':x.tag,'attributes':x.attrib,'text':x.text} for x in e.fromstring(sys.stdin.buffer.read()).iter()]))";
  const { stdout, stderr, status } = spawnSync("python3", ["-c", program], { input: text, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

test("renderJunit() makes a test case of each invariant and of the verdict, and breaks on no text", () => {
  const elements = parseXml(renderJunit(report));
  const [root, suite, ...cases] = elements;
  const counts = { tests: "5", failures: "2", errors: "0", time: "1.500" };
  assert.deepEqual(root?.attributes, { name: "proofload made-up", ...counts });
  assert.deepEqual(suite?.attributes, {
    ...{ name: "made-up", timestamp: "2026-01-02T03:04:05", hostname: "box", skipped: "2" },
    ...counts,
  });
  assert.deepEqual(
    cases.map(({ tag }) => tag),
    ["testcase", "testcase", "failure", "testcase", "skipped", "testcase", "skipped", "testcase", "failure"],
  );
  assert.match(cases[2]?.attributes.message ?? "", /^measured \]\]><\/x><script>.+\n::error title=x/s);
  assert.match(cases[2]?.text ?? "", /^\]\]><\/x>/);
});

test("renderJunit() of a run that proves nothing is red", () => {
  for (const kind of ["inconclusive", "error"] as const) {
    const text = renderJunit({ ...report, findings: [], verdict: { kind, sentence: "No load." } });
    assert.match(text, /errors="1".*<error message="(inconclusive|error): No load\." type="error"\/>/s);
  }
  const skipped = renderJunit({
    ...report,
    findings: [],
    verdict: { kind: "skipped", sentence: "No Docker." },
  });
  assert.match(skipped, /errors="0" skipped="1"/);
});

const row = { scenario: "made-up", tookMs: 1, budgetMs: 1, exitCode: 1, shrunk: [] };
const suite: Suite = {
  ...{ schemaVersion: 1, scenario: "stress-all", run: "now", startedAt: report.startedAt, endedAt: null },
  ...{ durationMs: 5, budgetMs: 9, verdict: { kind: "fail", sentence: "x" }, exitCode: 1 },
  rows: [
    { ...row, kind: "fail", sentence: "Broke.", run: "made-up/now" },
    { ...row, scenario: "other", kind: "inconclusive", sentence: "No.", run: null },
  ],
};

test("renderJunit() of stress-all has a suite for each scenario, with its invariants where they are at hand", () => {
  const names = (text: string) =>
    parseXml(text)
      .filter(({ tag }) => tag === "testcase")
      .map(({ attributes }) => `${attributes.classname} ${attributes.name}`.slice(0, 40));
  const part = (run: string) => (run === "made-up/now" ? { ...report, findings: [] } : null);
  assert.deepEqual(names(renderJunit(suite, part)), [
    "proofload.made-up verdict",
    "proofload.other verdict",
    "proofload.stress-all verdict",
  ]);
  assert.match(renderJunit(suite), /tests="3" failures="2" errors="1"/);
  const killed: Suite = { ...suite, rows: [], verdict: { kind: "error", sentence: "Killed." } };
  assert.match(renderJunit(killed), /tests="1" failures="0" errors="1"/);
});

/** Of a line in the text format: name, labels and value, by the grammar of its documentation. */
const SAMPLE = /^([a-z_:][\w:]*)\{((?:[a-z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\} (-?[\d.]+(?:e[+-]?\d+)?)$/;

test("renderPrometheus() tells figures in base units, with the time at which the run ended", () => {
  const lines = renderPrometheus(report).trimEnd().split("\n");
  const samples = lines.filter((line) => !line.startsWith("#"));
  for (const line of samples) assert.match(line, SAMPLE);
  const find = (name: string) =>
    samples.filter((line) => line.startsWith(`${name}{`)).map((line) => line.split("} ")[1]);
  assert.deepEqual(find("proofload_run_end_timestamp_seconds"), ["1767323046.5"]);
  assert.deepEqual(find("proofload_run_duration_seconds"), ["1.5"]);
  assert.deepEqual(find("proofload_finding_value_seconds"), ["0.25"]);
  assert.deepEqual(find("proofload_finding_limit_seconds"), ["0.2"]);
  assert.deepEqual(find("proofload_finding_held"), ["1", "0"]);
  assert.ok(samples.includes('proofload_run_verdict{scenario="made-up",verdict="fail"} 1'));
  assert.equal(new Set(samples).size, samples.length, "a series that is there twice is refused");
});

test("renderPrometheus() has the help and the type of each name once, before its samples", () => {
  const seen = new Set<string>();
  for (const line of renderPrometheus(report).trimEnd().split("\n")) {
    const [, kind, name = ""] = /^# (HELP|TYPE) (\S+)/.exec(line) ?? [];
    if (kind) assert.ok(!seen.has(`${kind} ${name}`));
    if (kind) seen.add(`${kind} ${name}`);
    else assert.ok(seen.has(`HELP ${line.split("{")[0]}`) && seen.has(`TYPE ${line.split("{")[0]}`), line);
  }
});

test("annotate() is a command a line, at most ten, and no text begins another", () => {
  const many = Array.from({ length: 20 }, () => broken);
  const lines = annotate({ ...report, findings: many });
  assert.equal(lines.length, 10);
  for (const line of lines) {
    assert.doesNotMatch(line, /[\r\n]/);
    const [, title = ""] = /^::error title=([^:,]*)::/.exec(line) ?? [];
    assert.match(title, /^made-up%3A /, line);
  }
  assert.deepEqual(annotate({ ...report, verdict: { kind: "pass", sentence: "All held." } }), []);
  const unknown = annotate({ ...report, findings: [madeUpFinding("unknown", "why")] });
  assert.equal(unknown[1], "::warning title=made-up%3A why::why");
});

const trial = { scenario: "made-up", about: "", caughtBy: "leak", tookMs: 1, sentence: "Why.", run: null };
const matrix: Matrix = {
  ...{ schemaVersion: 1, scenario: "fault-matrix", run: "now", startedAt: report.startedAt, endedAt: null },
  ...{ durationMs: 5, verdict: { kind: "fail", sentence: "x" }, exitCode: 1 },
  rows: [
    { ...trial, planted: "fault", name: "leak", kind: "fail", broken: ["leak: 9"] },
    { ...trial, planted: "nothing", name: "healthy", kind: "pass", broken: [] },
    { ...trial, planted: "nothing", name: "healthy", kind: "fail", broken: ["leak: 1"] },
  ],
};

test("every format takes a caught fault of the matrix for what it is, and a false alarm too", () => {
  const cases = parseXml(renderJunit(matrix)).filter(({ tag }) => tag === "testcase" || tag === "failure");
  assert.deepEqual(
    cases.map(({ tag, attributes }) => attributes.name ?? tag),
    ["1: fault leak", "2: nothing healthy", "3: nothing healthy", "failure", "verdict", "failure"],
  );
  assert.match(renderPrometheus(matrix), /^proofload_rows\{scenario="fault-matrix",outcome="caught"\} 1$/m);
  assert.deepEqual(annotate(matrix), [
    "::error title=fault-matrix%3A fail::x",
    "::error title=made-up healthy%3A false alarm::Why.",
  ]);
});

test("disarm() leaves nothing that a job's runner would obey, and all that people read", () => {
  const said = "a ::b\n::error::x\n  ::set-output::y\n##[error]z";
  const shown = disarm(said);
  assert.doesNotMatch(shown, /^\s*::|##\[/m);
  assert.equal(shown.replaceAll("\u200B", ""), said);
});

test("renderPrometheus() has a series once, though two invariants have the same words", () => {
  const twice = renderPrometheus({ ...report, findings: [broken, broken] });
  assert.equal(twice.match(/^proofload_finding_held/gm)?.length, 1);
});

test("annotate() names the parts of stress-all that went wrong", () => {
  assert.deepEqual(
    annotate(suite).map((line) => line.slice(0, 30)),
    [
      "::error title=stress-all%3A fa",
      "::error title=made-up%3A fail:",
      "::error title=other%3A inconclu",
    ].map((line) => line.slice(0, 30)),
  );
});

test("shortenSummary() leaves a summary below GitHub's limit as it is, and cuts a longer one at a line", () => {
  assert.equal(shortenSummary("short\n"), "short\n");
  const cut = shortenSummary(`${"é".repeat(99)}\n`.repeat(10_000));
  assert.ok(Buffer.byteLength(cut) < 2 ** 20);
  assert.match(cut, /^(é{99}\n)+\n… the rest is in report\.md\n$/);
  // what other steps have written counts, too
  assert.equal(shortenSummary("short\n", 2 ** 20), "\n… the rest is in report.md\n");
});

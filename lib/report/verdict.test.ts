/** Which verdict follows from which findings, and which exit code from which verdict. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "./finding.ts";
import { madeUpFinding } from "./fixtures/made-up.ts";
import { reportSchema, type Verdict } from "./report.ts";
import { exitCodeOf, judge } from "./verdict.ts";

type Short = readonly [outcome: Finding["outcome"], group?: Finding["group"]];

function judgeAll(...all: readonly Short[]): Verdict {
  return judge(all.map(([outcome, group]) => madeUpFinding(outcome, `the ${outcome} one`, group)));
}

test("judge() passes only what held, and says how much was skipped", () => {
  assert.deepEqual(judgeAll(["held"], ["held", "applied"], ["skipped"]), {
    kind: "pass",
    sentence: "All 2 invariants held, 1 skipped.",
  });
});

test("judge() fails on what broke during or after the load, whatever else is unclear", () => {
  for (const group of ["held", "recovered"] as const) {
    const verdict = judgeAll(["unknown"], ["broken", "applied"], ["held"], ["broken", group]);
    assert.equal(verdict.kind, "fail", group);
    assert.equal(verdict.sentence, "Not so: the broken one: the broken one, limit the broken one.");
  }
});

test("judge() is inconclusive about a load that was not there, and about what was not measured", () => {
  const absent = judgeAll(["held"], ["broken", "applied"], ["unknown"]);
  assert.equal(absent.kind, "inconclusive");
  assert.match(absent.sentence, /^The load was not really there: the broken one: .* \(and 1 more\)\.$/);
  const unknown = judgeAll(["held"], ["unknown", "recovered"], ["skipped"]);
  assert.equal(unknown.kind, "inconclusive");
  assert.match(unknown.sentence, /^This could not be measured: the unknown one/);
});

test("judge() never passes nothing: without a finding, or with skipped ones only, it is skipped", () => {
  for (const verdict of [judgeAll(), judgeAll(["skipped"], ["skipped", "applied"])]) {
    assert.equal(verdict.kind, "skipped");
    assert.equal(exitCodeOf(verdict), 77);
  }
});

test("exitCodeOf() is what cron and make expect, and null for what has not ended", () => {
  const sentence = "";
  const codes = { pass: 0, fail: 1, inconclusive: 3, error: 70, skipped: 77, unfinished: null } as const;
  for (const [kind, code] of Object.entries(codes)) {
    assert.equal(exitCodeOf({ kind: kind as keyof typeof codes, sentence }), code, kind);
  }
  assert.equal(exitCodeOf({ kind: "interrupted", signal: "SIGINT", sentence }), 130);
  assert.equal(exitCodeOf({ kind: "interrupted", signal: "SIGTERM", sentence }), 143);
});

test("exitCodeOf() knows every verdict that the report can have", () => {
  const kinds = reportSchema.shape.verdict.options.map(({ shape }) => shape.kind.value);
  const known = ["pass", "fail", "inconclusive", "skipped", "interrupted", "error", "unfinished"];
  assert.deepEqual([...kinds].sort(), known.sort());
});

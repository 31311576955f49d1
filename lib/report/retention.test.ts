/** Old runs go; what somebody will want to look at stays. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { identifyProcess } from "../host/process-identity.ts";
import { KIB, MIB } from "../units.ts";
import { madeUpReport } from "./fixtures/made-up.ts";
import { takeLock } from "./lock.ts";
import type { Verdict } from "./report.ts";
import { prune } from "./retention.ts";

let out = "";
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "retention-test-"));
});
afterEach(() => rmSync(out, { recursive: true }));

const nameOf = (minute: number) => `2026-01-02T03-${String(minute).padStart(2, "0")}-00Z`;
const left = (scenario = "a") => readdirSync(join(out, scenario)).filter((name) => !name.startsWith("."));

function leaveRuns(kinds: readonly Verdict["kind"][], scenario = "a", bytes = 0) {
  for (const [minute, kind] of kinds.entries()) {
    const path = join(out, scenario, nameOf(minute));
    mkdirSync(path, { recursive: true });
    const verdict = { kind, sentence: "" } as Verdict;
    writeFileSync(join(path, "report.json"), JSON.stringify(madeUpReport({ verdict })));
    writeFileSync(join(path, "samples.ndjson"), "x".repeat(bytes));
  }
}

test("prune() keeps the newest runs, the last pass and the last failure", () => {
  leaveRuns(["pass", "fail", "fail", "pass", "skipped", "skipped", "skipped", "skipped"]);
  assert.deepEqual(
    prune(out, { keep: 2, keepBytes: MIB }).sort(),
    [0, 1, 4, 5].map((minute) => `a/${nameOf(minute)}`),
  );
  assert.deepEqual(left(), [2, 3, 6, 7].map(nameOf));
  assert.deepEqual(prune(out, { keep: 2, keepBytes: MIB }), []);
});

test("prune() counts what was killed as a failure, and does not touch a run that is running", () => {
  leaveRuns(["error", "unfinished", "pass", "pass"]);
  const lock = takeLock(join(out, "a"), {
    ...{ holder: identifyProcess(), since: new Date().toISOString(), run: nameOf(1), temporary: [] },
  });
  assert.ok(!("heldBy" in lock));
  prune(out, { keep: 1, keepBytes: MIB });
  assert.deepEqual(left(), [0, 1, 3].map(nameOf));
});

test("prune() bounds the whole folder, the oldest runs of all scenarios first", () => {
  leaveRuns(["pass", "pass", "pass"], "a", 200 * KIB);
  leaveRuns(["pass", "pass"], "b", 200 * KIB);
  prune(out, { keep: 30, keepBytes: 700 * KIB });
  assert.deepEqual([left("a"), left("b")], [[1, 2].map(nameOf), [nameOf(1)]]);
  // what is spared stays, however little room there is
  prune(out, { keep: 30, keepBytes: 1 });
  assert.deepEqual([left("a"), left("b")], [[nameOf(2)], [nameOf(1)]]);
});

test("prune() leaves alone what is no run", () => {
  leaveRuns(["pass", "pass"]);
  mkdirSync(join(out, "a", "notes"));
  mkdirSync(join(out, "elsewhere", "x"), { recursive: true });
  prune(out, { keep: 1, keepBytes: 1 });
  assert.deepEqual([left("a"), left("elsewhere")], [[nameOf(1), "notes"], ["x"]]);
});

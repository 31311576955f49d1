/** The fault matrix on made-up rows: a miss and a false alarm fail it, and every one of them is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  judgeMatrix,
  type Matrix,
  type MatrixRow,
  outcomeOfRow,
  renderMatrixMarkdown,
  renderMatrixTable,
} from "./matrix.ts";

function row(
  planted: MatrixRow["planted"],
  kind: MatrixRow["kind"],
  more: Partial<MatrixRow> = {},
): MatrixRow {
  const name = planted === "nothing" ? "healthy" : `${planted}-name`;
  return {
    ...{ scenario: "idle-soak", planted, name, about: "it leaks", kind, sentence: `It was ${kind}.` },
    ...{ caughtBy: planted === "fault" ? "creep" : null, broken: kind === "fail" ? ["it creeps"] : [] },
    ...{ tookMs: 1000, run: `runs/1-${name}/idle-soak/now` },
    ...more,
  };
}

const CAUGHT = row("fault", "fail");
const SILENT = row("nothing", "pass");
const OPEN = row("behaviour", "inconclusive");

function matrix(rows: readonly MatrixRow[]): Matrix {
  const { exitCode, ...verdict } = judgeMatrix(rows);
  return {
    ...{ schemaVersion: 1, scenario: "fault-matrix", run: "now", verdict, exitCode, rows: [...rows] },
    ...{ startedAt: "2026-01-02T03:04:05.000Z", endedAt: "2026-01-02T03:05:05.000Z", durationMs: 60_000 },
  };
}

test("outcomeOfRow(): only a fail catches a fault, and only a pass is silence", () => {
  const kinds = ["pass", "fail", "inconclusive", "skipped", "interrupted", "error"] as const;
  const outcomes = (planted: MatrixRow["planted"]) => kinds.map((kind) => outcomeOfRow(row(planted, kind)));
  assert.deepEqual(outcomes("fault"), ["missed", "caught", "missed", "skipped", "missed", "missed"]);
  const healthy = ["silent", "false alarm", "undecided", "skipped", "undecided", "false alarm"];
  assert.deepEqual([outcomes("behaviour"), outcomes("nothing")], [healthy, healthy]);
});

test("judgeMatrix() passes where every fault was caught and every healthy run passed", () => {
  assert.deepEqual(judgeMatrix([CAUGHT, SILENT, row("behaviour", "pass")]), {
    kind: "pass",
    sentence: "1 of 1 faults caught; 0 false alarms in 2 healthy runs.",
    exitCode: 0,
  });
});

test("judgeMatrix() fails for a single miss, or a single false alarm, whatever is undecided", () => {
  const missed = judgeMatrix([CAUGHT, row("fault", "inconclusive"), SILENT]);
  assert.deepEqual([missed.kind, missed.exitCode], ["fail", 1]);
  assert.equal(missed.sentence, "1 of 2 faults caught; 0 false alarms in 1 healthy runs.");
  const alarm = judgeMatrix([CAUGHT, row("nothing", "fail"), OPEN]);
  assert.equal(alarm.sentence, "1 of 1 faults caught; 1 false alarms in 2 healthy runs, 1 undecided.");
  assert.equal(alarm.kind, "fail");
});

test("judgeMatrix() is inconclusive where a healthy run could not tell, and where nothing was run", () => {
  for (const rows of [[CAUGHT, OPEN], []]) {
    const { kind, exitCode } = judgeMatrix(rows);
    assert.deepEqual([kind, exitCode], ["inconclusive", 3]);
  }
});

test("judgeMatrix() does not hold what cannot be tried here against anybody, and tells of it", () => {
  const skipped = [row("fault", "skipped"), row("nothing", "skipped")];
  assert.deepEqual(judgeMatrix([CAUGHT, SILENT, ...skipped]), {
    kind: "pass",
    sentence: "1 of 1 faults caught; 0 false alarms in 1 healthy runs; 2 skipped.",
    exitCode: 0,
  });
  assert.deepEqual(judgeMatrix(skipped), {
    kind: "skipped",
    sentence: "None of 2 can be tried here.",
    exitCode: 77,
  });
  const text = renderMatrixMarkdown(matrix([CAUGHT, ...skipped]));
  assert.match(text, / skipped \| idle-soak \| /);
  assert.match(text.split("## To look at")[1] ?? "", /^- skipped: idle-soak/m);
});

test("renderMatrixMarkdown() shows a row a fault, health in groups, and in its own words what is to be looked at", () => {
  const text = renderMatrixMarkdown(
    matrix([CAUGHT, row("fault", "pass"), SILENT, SILENT, row("nothing", "fail"), OPEN]),
  );
  assert.match(text, /^# ❌ FAIL fault-matrix\n/);
  assert.match(
    text,
    /\| ✅ caught \| idle-soak \| \[fault-name\]\(runs\/1-fault-name\/idle-soak\/now\/report\.md\) \|/,
  );
  assert.match(text, /\| ❌ missed \| idle-soak \|/);
  assert.match(text, /\| idle-soak \| it leaks \| 3 \| 2 \| 1 \| 0 \|/);
  const look = text.split("## To look at")[1] ?? "";
  assert.equal(look.match(/^- /gm)?.length, 3, look);
  for (const word of ["missed", "false alarm", "undecided"])
    assert.match(look, new RegExp(`^- ${word}: idle-soak`, "m"));
  assert.doesNotMatch(renderMatrixMarkdown(matrix([CAUGHT, SILENT])), /To look at/);
});

test("renderMatrixMarkdown() escapes what a target made a scenario say", () => {
  const sentence = "Not so: <img src=x>\n| [a](javascript:b) |";
  const text = renderMatrixMarkdown(matrix([row("fault", "pass", { sentence, run: null })]));
  assert.doesNotMatch(text, /(?<!\\)<img|\n\| \[a\]/);
  assert.match(text, /Not so: \\<img src=x\\> \\\| \\\[a\\\]/);
});

test("renderMatrixTable() tells faults and what went wrong with health, and the verdict last", () => {
  const text = renderMatrixTable(matrix([CAUGHT, SILENT, OPEN]), "reports/x", 200);
  assert.deepEqual(
    text.split("\n").map((line) => line.replace(/\s+/g, " ")),
    [
      "✅ caught idle-soak fault-name",
      "❔ undecided idle-soak behaviour-name",
      "❔ INCONCLUSIVE fault-matrix (1 min)",
      "1 of 1 faults caught; 0 false alarms in 2 healthy runs, 1 undecided.",
      "Report: reports/x",
    ],
  );
});

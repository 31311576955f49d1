/** The report of stress-all on made-up rows: the worst verdict wins, and the table fits a terminal. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  exitCodeOfSuite,
  judgeSuite,
  renderSuiteMarkdown,
  renderSuiteTable,
  type Suite,
  type SuiteRow,
} from "./suite.ts";

function row(kind: SuiteRow["kind"], own: Partial<SuiteRow> = {}): SuiteRow {
  const made = { scenario: "made-up", sentence: "Made up.", exitCode: 0, tookMs: 1000, budgetMs: 2000 };
  return { ...made, kind, run: "made-up/2026-01-02T03-04-05Z", shrunk: [], ...own };
}

function suite(rows: SuiteRow[]): Suite {
  const startedAt = "2026-01-02T03:04:05.000Z";
  const made = {
    schemaVersion: 1,
    scenario: "stress-all",
    run: "2026-01-02T03-04-05Z",
    budgetMs: 1,
  } as const;
  return {
    ...made,
    startedAt,
    endedAt: startedAt,
    durationMs: 1,
    exitCode: 0,
    verdict: judgeSuite(rows),
    rows,
  };
}

test("judgeSuite() lets the worst verdict win, and a skipped part pass", () => {
  const order = ["skipped", "pass", "inconclusive", "interrupted", "fail", "error"] as const;
  const rows: SuiteRow[] = [];
  for (const kind of order) {
    rows.push(row(kind));
    assert.equal(judgeSuite(rows).kind, kind);
  }
  assert.equal(judgeSuite([row("pass"), row("skipped")]).kind, "pass");
  assert.equal(judgeSuite([]).kind, "skipped");
});

test("exitCodeOfSuite() is the worst one's, and the signal's when interrupted", () => {
  const codes = (["pass", "fail", "inconclusive", "error", "skipped"] as const).map((kind) =>
    exitCodeOfSuite(kind, []),
  );
  assert.deepEqual(codes, [0, 1, 3, 70, 77]);
  assert.equal(exitCodeOfSuite("interrupted", [row("pass"), row("interrupted", { exitCode: 130 })]), 130);
});

test("renderSuiteTable() keeps to the width, and says what went wrong and at which size", () => {
  const shrunk = Array.from({ length: 12 }, (_, index) => `option-${index} 512 MiB`);
  const rows = [row("pass"), row("fail", { sentence: `Not so: ${"much ".repeat(40)}.`, shrunk })];
  const table = renderSuiteTable(suite(rows), "reports/stress-all/x/report.md", 80);
  for (const line of table.split("\n")) assert.ok(line.length <= 80, `${line.length}: ${line}`);
  assert.match(table, /option-11 512 MiB/);
  assert.match(table, /❌ FAIL stress-all/);
  assert.equal(table.match(/much/g)?.length, 40);
});

test("renderSuiteTable() and renderSuiteMarkdown() let no text from outside move the cursor or open a cell", () => {
  const hostile = suite([row("error", { sentence: "evil \u001b[2J\n| <b>cell</b> |" })]);
  assert.ok(!renderSuiteTable(hostile, "x", 80).includes("\u001b"));
  const markdown = renderSuiteMarkdown(hostile);
  assert.ok(markdown.includes("\\| \\<b\\>cell"), markdown);
});

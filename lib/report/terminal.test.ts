/** What a person sees in the end: at most 25 lines of 80 columns, with what broke last. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import type { Finding } from "./finding.ts";
import { madeUpFinding, madeUpReport } from "./fixtures/made-up.ts";
import type { Report } from "./report.ts";
import { renderSummary } from "./terminal.ts";

const PATH = "reports/made-up/2026-01-02T03-04-05Z/report.md";

function linesOf(own: Partial<Report>): string[] {
  return renderSummary(madeUpReport({ durationMs: 5_400_000, ...own }), PATH, 80).split("\n");
}

function many(
  outcome: Finding["outcome"],
  count: number,
  text = "a sentence that is rather long ",
): Finding[] {
  return Array.from({ length: count }, (_, index) =>
    madeUpFinding(outcome, `${text.repeat(4)}${outcome} ${index}`),
  );
}

/** Emoji take two columns (UAX #11): the selector that makes one of a character adds the second. */
function columnsOf(line: string): number {
  return [...line].reduce((sum, character) => {
    if (character === "\ufe0f") return sum + 1;
    return sum + (/\p{Emoji_Presentation}/u.test(character) ? 2 : 1);
  }, 0);
}

const outcomes = ["held", "skipped", "unknown", "broken"] as const;
const long =
  "Not so: something that takes quite a few words to be told: 12 of 30, limit none (and 29 more). ";

test("renderSummary() fits 25 lines of 80 columns, however much there is to say", () => {
  const lines = linesOf({
    scenario: "descriptor-exhaustion",
    verdict: { kind: "inconclusive", sentence: long.repeat(5) },
    findings: outcomes.flatMap((outcome) => many(outcome, 30)),
    notes: Array.from({ length: 9 }, () => long.repeat(3)),
  });
  assert.ok(lines.length <= 25, `${lines.length} lines`);
  for (const line of lines) assert.ok(columnsOf(line) <= 80, `${columnsOf(line)} columns: ${line}`);
});

test("renderSummary() shows a few findings whole: broken ones last, then the verdict and the way to the report", () => {
  const findings = (["broken", "held", "unknown"] as const).map((outcome) => madeUpFinding(outcome));
  const lines = linesOf({ findings, verdict: { kind: "fail", sentence: "It broke." } });
  assert.deepEqual(
    lines.map((line) => line.replace(/ {2,}.*/, "")),
    [
      "✅ held",
      "❔ unknown",
      "❌ broken",
      "❌ FAIL made-up (1 h 30 min · profile development · seed 2147483647)",
      "It broke.",
      `Report: ${PATH}`,
    ],
  );
});

test("renderSummary() leaves out findings that held before any that did not, and says which", () => {
  const lines = linesOf({ findings: [...many("held", 30), ...many("broken", 3)] });
  assert.equal(lines.filter((line) => line.startsWith("❌")).length, 3);
  assert.match(lines[0] ?? "", /^… and \d+ more: held$/);
});

test("renderSummary() does not say of broken findings which it leaves out that they held", () => {
  const lines = linesOf({ findings: many("broken", 40) });
  assert.ok(!lines.some((line) => line.includes("held")), lines[0]);
});

test("renderSummary() lets no control character and no line break through to the terminal", () => {
  const hostile = "\u001b[2J\u001b]0;title\u0007gone\rwhat\never\u009b31m";
  const text = linesOf({
    verdict: { kind: "error", sentence: hostile },
    findings: [madeUpFinding("broken", hostile), madeUpFinding("unknown", hostile)],
    notes: [hostile],
  });
  assert.equal(text.length, 5 + 1);
  for (const line of text) {
    assert.equal(stripVTControlCharacters(line), line);
    assert.doesNotMatch(line, /\p{Cc}/u);
  }
});

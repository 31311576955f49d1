/** A report as Markdown: everything a reader needs, and nothing that an outsider could smuggle in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { madeUpFinding, madeUpReport } from "./fixtures/made-up.ts";
import { toPastRun } from "./history.ts";
import { renderMarkdown } from "./markdown.ts";

const HOSTILE = "<img src=x onerror=alert(1)> | `code` [link](javascript:x) *bold*\n# heading\r\n| cell |";

const hostileReport = madeUpReport({
  verdict: { kind: "fail", sentence: HOSTILE },
  exitCode: 1,
  durationMs: 1500,
  findings: [
    madeUpFinding("broken", HOSTILE),
    madeUpFinding("unknown", HOSTILE),
    madeUpFinding("held", HOSTILE),
  ],
  phases: [{ name: HOSTILE, startMs: 0, endMs: null }],
  loads: [{ stressor: HOSTILE, unit: "count", asked: 1, held: 1, released: 0, forced: 0, died: [HOSTILE] }],
  guard: HOSTILE,
  profile: { name: HOSTILE, because: HOSTILE },
  settings: [{ name: "out", value: HOSTILE, source: HOSTILE }],
  notes: [HOSTILE],
});

test("renderMarkdown() lets no markup, no heading and no cell in from outside", () => {
  const lines = renderMarkdown(hostileReport).split("\n");
  const bare = lines.map((line) => line.replace(/\\[\\`*_[\]<>|#]/g, ""));
  for (const line of bare)
    assert.doesNotMatch(
      line.replace(/^`--out`|(?<=\| )`--out`|^\*\*What happened\.\*\*/, ""),
      /[<>`*[\]]/,
      line,
    );
  const headings = lines.filter((line) => line.startsWith("#")).map((line) => line.split("\\")[0]?.trim());
  assert.deepEqual(headings, [
    "# ❌ FAIL made-up",
    "## ❌",
    "## Evidence",
    "## Load",
    "## Phases",
    "## Settings",
    "## Notes",
  ]);
});

test("renderMarkdown() keeps every row of a table as wide as its head", () => {
  const columns = renderMarkdown(hostileReport)
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.replace(/\\\|/g, "").split("|").length - 2);
  // findings: head, rule, 3 rows of 4; loads: 3 rows of 4; phases: 3 rows of 3; settings: 3 rows of 3
  assert.deepEqual(columns, [4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3]);
});

test("renderMarkdown() puts the verdict first, then what broke, then what held", () => {
  const findings = (["held", "skipped", "unknown", "broken"] as const).map((one) => madeUpFinding(one));
  const text = renderMarkdown(madeUpReport({ verdict: { kind: "fail", sentence: "It broke." }, findings }));
  const order = ["FAIL made-up", "It broke.", "| broken", "| unknown", "| held", "| skipped", "## ❌ broken"];
  const places = order.map((part) => text.indexOf(part));
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );
  assert.ok(!places.includes(-1), JSON.stringify(places));
});

test("renderMarkdown() tells how often in a row it was so before", () => {
  const passed = madeUpReport({ verdict: { kind: "pass", sentence: "All held." } });
  const earlier = [1, 2, 3].map((minute) => toPastRun(`2026-01-02T03-0${minute}-00Z`, passed));
  assert.match(renderMarkdown(passed, earlier), /\n\nBefore: pass in the previous 3 runs\.\n\n/);
});

test("renderMarkdown() says nothing of what is not there", () => {
  const text = renderMarkdown(madeUpReport());
  for (const absent of ["null", "undefined", "NaN", "## Load", "## Phases", "exit code", "trusted"]) {
    assert.ok(!text.includes(absent), absent);
  }
});

test("renderMarkdown() says what could not be read, and why", () => {
  const share = { samplerShare: 0.01, mainThreadShare: null, stealShare: 0, busyBeforeShare: 0.5 };
  const counts = { intervalMs: 250, due: 10, taken: 9, medianTickMs: 1, throttledMs: null, unwritten: 2 };
  const lateMs = { p50: 0, p99: 3, max: 4 };
  const sampling = { ...share, ...counts, lateMs, unreadable: { rssBytes: "EMFILE" } };
  const text = renderMarkdown(madeUpReport({ sampling }));
  assert.match(text, /- 9 of 10 samples taken, every 250 ms/);
  assert.match(text, /- rssBytes could not be read: EMFILE/);
  assert.match(text, /- 2 samples could not be written/);
});

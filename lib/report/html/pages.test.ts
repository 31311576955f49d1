/** The pages beside a run's own: whole, linked, and closed to what comes from outside. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HOSTILE } from "../fixtures/hostile.ts";
import { madeUpReport } from "../fixtures/made-up.ts";
import { type PastRun, toPastRun } from "../history.ts";
import type { Matrix } from "../matrix.ts";
import type { Suite } from "../suite.ts";
import { renderIndexPage } from "./index-page.ts";
import { renderMatrixPage } from "./matrix-page.ts";
import { renderReportPage } from "./report-page.ts";
import { renderSuitePage } from "./suite-page.ts";

const verdict = { kind: "fail", sentence: HOSTILE } as const;
const ended = {
  run: "now",
  startedAt: "2026-01-02T03:04:05.000Z",
  endedAt: null,
  durationMs: 5,
  exitCode: 1,
};
const suite: Suite = {
  ...{ schemaVersion: 1, scenario: "stress-all", ...ended, verdict, budgetMs: 9 },
  rows: [
    {
      scenario: "one",
      kind: "fail",
      sentence: HOSTILE,
      exitCode: 1,
      tookMs: 1,
      budgetMs: 1,
      run: "one/now",
      shrunk: [HOSTILE],
    },
    {
      scenario: "two",
      kind: "skipped",
      sentence: "",
      exitCode: 77,
      tookMs: 1,
      budgetMs: 1,
      run: null,
      shrunk: [],
    },
  ],
};
const row = {
  scenario: "one",
  name: "planted",
  about: HOSTILE,
  caughtBy: "leak",
  tookMs: 1,
  sentence: HOSTILE,
};
const matrix: Matrix = {
  ...{ schemaVersion: 1, scenario: "fault-matrix", ...ended, verdict },
  rows: [
    { ...row, planted: "fault", kind: "fail", broken: [`leak: ${HOSTILE}`], run: "runs/1-x/one/now" },
    { ...row, planted: "fault", kind: "pass", broken: [], run: null },
    { ...row, planted: "nothing", kind: "pass", broken: [], run: null, caughtBy: null },
  ],
};
const past = (index: number, value: number): PastRun => ({
  ...toPastRun(`2026-01-02T03-04-0${index}Z`, madeUpReport({ verdict, durationMs: 1000 })),
  figures: [{ sentence: HOSTILE, value, unit: "bytes" }],
});
const runs = [past(1, 5), past(2, 9), past(3, 7)];

const PAGES: Readonly<Record<string, string>> = {
  "stress-all": renderSuitePage(suite),
  "the fault matrix": renderMatrixPage(matrix),
  "the index": renderIndexPage([{ scenario: "one", total: 40, runs }]),
  "a run with earlier ones": renderReportPage(madeUpReport({ verdict }), [], runs),
};

for (const [name, page] of Object.entries(PAGES))
  test(`the page of ${name} has no element and no attribute that came from outside, and needs nobody else`, () => {
    assert.match(page, /^<!doctype html>\n<html lang="en">/);
    assert.doesNotMatch(
      page.replace(/<style>.*?<\/style>/s, ""),
      /<script|<img|<link|https?:|[^\P{Cc}\n\t]/u,
    );
    assert.match(page, /&lt;script&gt;/);
  });

test("the page of stress-all leads to each scenario's own page", () => {
  assert.match(PAGES["stress-all"] ?? "", /<a href="\.\.\/\.\.\/one\/now\/report\.html">one<\/a>/);
});

test("the page of the fault matrix tells what was caught, and first what was missed", () => {
  const [, body = ""] = (PAGES["the fault matrix"] ?? "").split("<body>");
  const order = ["To look at", "✗ missed", "<h2>Faults", "✓ caught", "<h2>Health"];
  const places = order.map((part) => body.indexOf(part));
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
    `${places}`,
  );
  assert.match(body, /<a href="runs\/1-x\/one\/now\/report\.html">planted<\/a>/);
});

test("a run's page shows the runs before it, how their figures went, and which are no measure", () => {
  const elsewhere = { ...past(4, 1), hostname: "another" };
  const page = renderReportPage(madeUpReport({ verdict }), [], [...runs, elsewhere]);
  assert.match(
    page,
    /<h2>Earlier runs.+Before: fail in the previous 4 runs\..+href="\.\.\/2026-01-02T03-04-01Z\/report\.html"/s,
  );
  assert.match(page, /1 of them are no measure for this one: they had host another\./);
});

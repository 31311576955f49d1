/** A run as a page: whole without script and network, small, in order, and closed to what comes from outside. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { madeUpReport } from "../fixtures/made-up.ts";
import type { Verdict } from "../report.ts";
import { HOUR, hostileHour } from "./fixtures/hour.ts";
import { renderReportPage } from "./report-page.ts";

const report = hostileHour();

test("renderReportPage() of an hour at 1 Hz is smaller than 200 KB, and loses no spike", () => {
  const page = renderReportPage(report, HOUR);
  assert.ok(Buffer.byteLength(page) < 200_000, `${Buffer.byteLength(page)} bytes`);
  // its axis reaches as far
  assert.match(page, />4 000<\/span>/);
});

test("renderReportPage() lets nothing in from outside, asks nobody, and runs one script of its own", () => {
  const page = renderReportPage(report, HOUR);
  assert.doesNotMatch(page, /<img|<link|https?:|url\(|@import/);
  // within quotes it is text
  assert.doesNotMatch(page.replace(/="[^"]*"/g, ""), /<[a-z]+ [^>]*\b(src|href|on[a-z]+)\b/);
  assert.ok(!page.includes("\u001b"), "a terminal's escape");
  assert.deepEqual(page.match(/<script[^>]*>/g), [
    '<script type="application/json" id="values">',
    "<script>",
  ]);
});

test("renderReportPage() tells the verdict first, what broke before what held, and how to see it again", () => {
  const page = renderReportPage(report, HOUR);
  const order = ["<h1>", 'class="verdict fail"', ">Invariants<", '<tr class="broken"', '<tr class="held"'];
  const places = [...order, ">What broke<", ">What happened<", "Settings, and where"].map((part) =>
    page.indexOf(part),
  );
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );
  assert.ok(
    places.every((place) => place > 0),
    places.join(),
  );
  const [command = ""] = /<code>(.+?)<\/code>/.exec(page)?.slice(1) ?? [];
  assert.match(command, /^scripts\/made-up\.ts --gauge &#39;.+&#39; --seed 2147483647$/s);
});

test("renderReportPage() draws a run of every kind, also one without a sample", () => {
  const kinds: Verdict[] = [
    { kind: "pass", sentence: "All held." },
    { kind: "inconclusive", sentence: "Nobody knows." },
    { kind: "skipped", sentence: "Not here." },
    { kind: "interrupted", sentence: "By SIGINT.", signal: "SIGINT" },
    { kind: "error", sentence: "Killed.\n  | last words" },
    { kind: "unfinished", sentence: "Still running." },
  ];
  for (const verdict of kinds) {
    for (const samples of [[], HOUR.slice(0, 1), HOUR.slice(0, 3)]) {
      const page = renderReportPage(madeUpReport({ verdict }), samples);
      assert.match(page, new RegExp(`class="verdict ${verdict.kind}".+</html>\n$`, "s"));
      assert.equal(page.includes("<svg"), samples.length > 1);
      assert.doesNotMatch(page, /NaN|Infinity|undefined/);
    }
  }
});

/** A run as a page: whole without script and network, small, in order, and closed to what comes from outside. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sample } from "../../host/gauges.ts";
import { MIB } from "../../units.ts";
import { madeUpFinding, madeUpReport } from "../fixtures/made-up.ts";
import type { Verdict } from "../report.ts";
import { renderReportPage } from "./report-page.ts";

const HOSTILE = `</script><img src=x onerror="alert(1)">' & \u001b[2J`;

/** An hour at 1 Hz, noisy in every gauge that there is, with one spike. */
const HOUR: readonly Sample[] = Array.from({ length: 3600 }, (_, second) => {
  const noise = (seed: number) => ((second * seed) % 1009) / 1009;
  const rising = (rate: number) => second * 1000 * rate + noise(13) * 100;
  return {
    atMs: second * 1000,
    lateMs: 0,
    phase: second < 600 ? "baseline" : "load",
    gauges: {
      ...{ targetRssBytes: (90 + 10 * noise(7)) * MIB, targetAnonymousBytes: (50 + 10 * noise(11)) * MIB },
      ...{ targetDescriptors: second === 1234 ? 4321 : 20 + Math.floor(9 * noise(17)), targetThreads: 11 },
      ...{
        targetSockets: Math.floor(100 * noise(19)),
        targetHealthMs: 5 * noise(23),
        targetCpuMs: rising(0.3),
      },
      ...{ cpuTotalMs: second * 2000, cpuBusyMs: rising(0.9), cpuStealMs: rising(0.01) },
      ...{ memoryAvailableBytes: (9000 + 500 * noise(29)) * MIB, eventLoopDelayMs: 30 * noise(31) },
      ...{ memoryStalledMs: rising(0.01), cpuStalledMs: rising(0.02), ioStalledMs: rising(0.03) },
      ...{ rssBytes: (120 + noise(37)) * MIB, anonymousBytes: (80 + noise(41)) * MIB, descriptors: 44 },
      diskFreeBytes: (70_000 - second) * MIB,
    },
    loads: {
      "hold-memory": { asked: second < 600 ? 0 : 512 * MIB, held: 500 * noise(43) * MIB, unit: "bytes" },
    },
    named: { subscribers: Math.floor(100 * noise(47)), [HOSTILE]: second },
  };
});

const report = madeUpReport({
  verdict: { kind: "fail", sentence: `Not so: ${HOSTILE}` },
  exitCode: 1,
  durationMs: 3_600_000,
  findings: [
    madeUpFinding("held", "held"),
    madeUpFinding("broken", HOSTILE),
    madeUpFinding("unknown", HOSTILE),
  ],
  phases: [
    { name: "baseline", startMs: 0, endMs: 600_000 },
    { name: HOSTILE, startMs: 600_000, endMs: null },
  ],
  process: {
    pid: 1,
    command: ["/p/scripts/made-up.ts", "--gauge", HOSTILE, "--out", "elsewhere", "--json"],
    oomScoreAdj: null,
  },
  settings: [{ name: "gauge", value: HOSTILE, source: HOSTILE }],
  notes: [HOSTILE],
});

test("renderReportPage() of an hour at 1 Hz is smaller than 200 KB, and loses no spike", () => {
  const page = renderReportPage(report, HOUR);
  assert.ok(Buffer.byteLength(page) < 200_000, `${Buffer.byteLength(page)} bytes`);
  assert.match(page, /at most 4 321 \(/);
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

/** What the trend verdict found, in words: slopes with their unit, what is excluded, and what would decide. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChannelVerdict } from "../stats/channel-verdict.ts";
import { describeSlope, describeTrend } from "./trend-text.ts";

const LIVE: ChannelVerdict = {
  kind: "live",
  name: "live bytes",
  verdict: "growing",
  reason: "it grows",
  cause: null,
  slopePerCycle: 4096,
  low: 4000,
  high: 4300,
  slopePerHour: 180 * 2 ** 20,
  growth: null,
  level: null,
  smallestLeakExcluded: 655,
  decidesAfterMs: null,
  floors: [],
};

test("describeTrend() tells of growth its slope, interval and what it costs an hour", () => {
  assert.equal(
    describeTrend(LIVE),
    "live bytes: growing, 4 KiB a cycle (98 %: 3.9 KiB to 4.2 KiB), 180 MiB an hour: it grows",
  );
});

test("describeTrend() counts things that are no bytes, and per second where nothing repeats", () => {
  const threads = {
    ...LIVE,
    kind: "threads",
    name: "threads",
    slopePerCycle: 0.0512,
    low: 0.04,
    high: 0.06,
  } as const;
  assert.equal(
    describeTrend({ ...threads, slopePerHour: 184.3 }, "second"),
    "threads: growing, 0.051 a second (98 %: 0.04 to 0.06), 180 an hour: it grows",
  );
});

test("describeTrend() tells of what is level the smallest leak that it excludes, where there is one", () => {
  const level = { ...LIVE, verdict: "level", reason: "it is" } as const;
  assert.equal(describeTrend(level), "live bytes: level, no leak above 655 B a cycle: it is");
  assert.equal(describeTrend({ ...level, smallestLeakExcluded: null }), "live bytes: level: it is");
});

test("describeTrend() says how long a run would decide, and nothing of a line that could not be fitted", () => {
  const open = { ...LIVE, verdict: "inconclusive", reason: "too short", slopePerCycle: null } as const;
  assert.equal(
    describeTrend({ ...open, decidesAfterMs: 120_000 }),
    "live bytes: inconclusive: too short; a run of 2 min would decide",
  );
  assert.equal(describeSlope(open), "");
});

test("describeSlope() leaves out the hour where nobody knows how long a cycle takes", () => {
  assert.equal(describeSlope({ ...LIVE, slopePerHour: null }), "4 KiB a cycle (98 %: 3.9 KiB to 4.2 KiB)");
});

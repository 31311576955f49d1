/** What the trend verdict found, in words: slopes with their unit, what is excluded, and what would decide. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChannelVerdict } from "../stats/channel-verdict.ts";
import { describeExcluded, describeSlope, describeTrend } from "./trend-text.ts";

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

test("describeTrend() tells of growth how much it has been, and when it reaches the limit that was named", () => {
  const grown = { ...LIVE, growth: 12 * 2 ** 20, slopePerHour: 60 * 2 ** 20 };
  const tell = (limitBytes?: number) => describeTrend(grown, "cycle", limitBytes);
  assert.match(tell(), / an hour, 12 MiB since the warm-up: it grows$/);
  assert.match(tell(72 * 2 ** 20), /, 12 MiB since the warm-up, 72 MiB after 1 h more: /);
  assert.match(tell(8 * 2 ** 20), /, 12 MiB since the warm-up, more than 8 MiB: /);
  assert.match(
    describeTrend({ ...grown, kind: "count", growth: 7.1 }, "cycle", 1e6),
    /, 7.1 since the warm-up: /,
  );
});

const LEVEL = { ...LIVE, verdict: "level", reason: "it is" } as const;

test("describeExcluded() tells which leak of memory was excluded, by the best evidence", () => {
  const resident = {
    ...LEVEL,
    kind: "anonymous-rss",
    name: "anonymous memory",
    smallestLeakExcluded: 9216,
  } as const;
  const count = { ...LEVEL, kind: "count", name: "descriptors", smallestLeakExcluded: 0.01 } as const;
  assert.equal(describeExcluded([count, resident, LEVEL]), "no leak above 655 B a cycle of live bytes");
  assert.equal(describeExcluded([count, resident]), "no leak above 9 KiB a cycle of anonymous memory");
  const vague = { ...resident, verdict: "inconclusive" } as const;
  assert.match(
    describeExcluded([count, vague]) ?? "",
    /^counts level, and anonymous memory within its limit: no leak/,
  );
  assert.equal(describeExcluded([count]), null);
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
  assert.equal(describeTrend(LEVEL), "live bytes: level, no leak above 655 B a cycle: it is");
  assert.equal(describeTrend({ ...LEVEL, smallestLeakExcluded: null }), "live bytes: level: it is");
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

/** Latencies raw and corrected: exact where the histogram is, and nothing where nothing was recorded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createLatencyRecord } from "./latency-record.ts";

test("createLatencyRecord() counts the corrected latency from when it was due, the raw one from when it was sent", () => {
  const record = createLatencyRecord();
  for (let at = 1; at <= 1000; at++) record.record(at * 1000, at > 990 ? at * 1000 - 500 : 0);
  const { raw, corrected } = record.summary();
  const near = (value: number | null, expected: number) =>
    assert.ok(value !== null && Math.abs(value / expected - 1) < 0.002, `${value}, expected ${expected}`);
  assert.deepEqual([raw.count, corrected.count], [1000, 1000]);
  near(corrected.p50, 500);
  near(corrected.p99, 990);
  near(corrected.max, 1000);
  // the ten that were sent late took 0.5 ms each
  near(raw.p50, 490);
  near(raw.max, 990);
});

test("createLatencyRecord() has no numbers of nothing, and takes what cannot be: a clock that stands still", () => {
  const nothing = { count: 0, p50: null, p99: null, p999: null, max: null };
  assert.deepEqual(createLatencyRecord().summary(), { raw: nothing, corrected: nothing });
  const record = createLatencyRecord();
  record.record(0, 5);
  assert.equal(record.summary().raw.p50, 0.001);
});

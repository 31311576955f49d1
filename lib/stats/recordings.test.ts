/** The trend verdict on recordings of real processes: healthy ones are never called growing, leaks seldom level. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadRecordings, type Recording } from "./fixtures/recordings.ts";
import { judgeSeries } from "./series.ts";
import { ALLOWANCE_BYTES } from "./thresholds.ts";

const RECORDINGS = loadRecordings();

function judge({ set, channels }: Recording, warmUpMs = 0) {
  const allowanceBytes = set === "fq" ? ALLOWANCE_BYTES.launchedWithFlags : ALLOWANCE_BYTES.default;
  return judgeSeries({ channels, allowanceBytes, warmUpMs });
}

/** Shares of the verdicts, by set and truth. */
function share(set: RegExp, truth: Recording["truth"], verdict: string): number {
  const those = RECORDINGS.filter((one) => set.test(one.set) && one.truth === truth && !isStillFilling(one));
  return those.filter((one) => judge(one).verdict === verdict).length / those.length;
}

/** No statistic can tell these from a leak without a declared warm-up: but neither are they called one. */
function isStillFilling({ kind }: Recording): boolean {
  return kind === "h-cacheslow";
}

test("judgeSeries() calls no healthy recording growing, not even a cache that is still filling", () => {
  const wrong = RECORDINGS.filter(({ truth }) => truth === "healthy")
    .filter((one) => judge(one).verdict === "growing")
    .map(({ id }) => id);
  assert.deepEqual(wrong, []);
});

test("judgeSeries() calls fewer than 5 % of leaks level", () => {
  const missed = RECORDINGS.filter((one) => one.truth === "leak" && judge(one).verdict === "level");
  const leaks = RECORDINGS.filter(({ truth }) => truth === "leak");
  assert.ok(missed.length < 0.05 * leaks.length, missed.map(({ id, leak }) => `${id} ${leak}`).join());
});

test("judgeSeries() finds nine of ten leaks by live bytes, and calls three of four healthy recordings level", () => {
  assert.ok(share(/gd/, "leak", "growing") >= 0.9);
  assert.equal(share(/gd/, "leak", "level"), 0);
  assert.ok(share(/gd/, "healthy", "level") >= 0.75);
});

test("judgeSeries() finds more than 60 % of leaks in 120 s without control of the collector", () => {
  assert.ok(share(/nq|fq/, "leak", "growing") > 0.6);
});

test("judgeSeries() calls a cache level that fills during the warm-up that was declared for it", () => {
  const filling = RECORDINGS.filter((one) => isStillFilling(one) && one.set === "gd");
  assert.ok(filling.length > 0);
  for (const one of filling) assert.notEqual(judge(one, 80_000).verdict, "growing", one.id);
});

test("judgeSeries() says of every recording why, and of what is inconclusive by noise how long a run would decide", () => {
  for (const one of RECORDINGS) {
    const { reason, channels } = judge(one);
    assert.ok(reason.length > 0, one.id);
    for (const { cause, verdict, decidesAfterMs } of channels) {
      assert.equal(cause === null, verdict !== "inconclusive", one.id);
      if (decidesAfterMs !== null) assert.ok(decidesAfterMs >= 120_000, `${one.id}: ${decidesAfterMs} ms`);
    }
  }
});

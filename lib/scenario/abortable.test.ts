/** Waiting for what has to become true ends by that, by its time, or by the signal. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { lookUntil } from "./abortable.ts";

test("lookUntil() ends as soon as it holds, after its time, and at the signal", async () => {
  let looks = 0;
  await lookUntil(() => ++looks === 3, 60_000);
  assert.equal(looks, 3);
  looks = 0;
  await lookUntil(() => ++looks < 0, 30);
  assert.ok(looks > 1);
  looks = 0;
  await lookUntil(() => ++looks < 0, 60_000, AbortSignal.abort());
  assert.equal(looks, 1);
});

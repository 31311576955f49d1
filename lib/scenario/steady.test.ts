/** What comes back for good, and what goes again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { awaitSteady } from "./steady.ts";

const settings = () => ({
  ...{ startMs: performance.now(), withinMs: 300, steadyMs: 60 },
  signal: new AbortController().signal,
});

test("what holds and goes on is told by when it began", async () => {
  const startMs = performance.now();
  const since = await awaitSteady(() => performance.now() - startMs > 100, { ...settings(), startMs });
  assert.ok(since !== null && since >= 100, `${since}`);
});

test("what holds for a moment, over and over, does not hold", async () => {
  let looks = 0;
  assert.equal(await awaitSteady(() => ++looks % 3 !== 0, settings()), null);
});

test("an interruption ends the wait", async () => {
  const endless = { ...settings(), withinMs: 60_000, signal: AbortSignal.abort() };
  assert.equal(await awaitSteady(() => false, endless), null);
});

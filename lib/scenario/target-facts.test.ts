/** What is kept, counted from two states. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HEALTHY_STATE } from "./fixtures/made-up.ts";
import { kept } from "./target-facts.ts";

test("kept() is the difference, negative where there is less, and null where one of both could not be read", () => {
  const states = [{ threads: 13 }, { threads: 3 }, { threads: null }, {}];
  assert.deepEqual(
    states.map((state) => kept(HEALTHY_STATE, state, "threads")),
    [2, -8, null, null],
  );
  assert.equal(kept({ ...HEALTHY_STATE, sockets: null }, HEALTHY_STATE, "sockets"), null);
});

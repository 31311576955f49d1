/** What can be planted in the hub by options, what it is told then, and that nothing is planted in anybody else's server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { completeSpec } from "../target/spec.ts";
import { hubOptions, hubWords, refusePlanting } from "./hub-options.ts";
import { resolveSettings } from "./settings.ts";

const PLANTED = {
  faults: { "lock-left": { scenario: "rapid-restart" }, "no-cap": { scenario: "websocket-churn" } },
  behaviours: { sawtooth: { scenario: "idle-soak" }, bursts: { scenario: "idle-soak" } },
};
const options = hubOptions("websocket-churn", PLANTED);
const NOTHING = { fault: null, behave: null, hub: null };

function resolve(flags: Record<string, string>) {
  const given = new Map(Object.entries(flags).map(([key, text]) => [key, [text]]));
  const size = { share: 1, why: "default" };
  return resolveSettings(options, { flags: given, environment: {}, profile: "development", size });
}

test("hubOptions() offers a scenario its own faults, and every healthy behaviour", () => {
  const { values, mistakes } = resolve({ fault: "no-cap", behave: "sawtooth,bursts" });
  assert.deepEqual(mistakes, []);
  assert.deepEqual(values, { fault: ["no-cap"], behave: ["sawtooth", "bursts"], hub: null });
  assert.deepEqual(resolve({}).values, NOTHING);
});

test("hubOptions() refuses another scenario's fault, and words that are none, all at once", () => {
  const { mistakes } = resolve({ fault: "lock-left", behave: "ring-unbounded", hub: "--cap '3" });
  assert.equal(mistakes.length, 3, mistakes.join("\n"));
  assert.match(mistakes[0] ?? "", /^Cannot read --fault: expected .*no-cap.*, got "lock-left"$/);
  assert.match(mistakes[1] ?? "", /^Cannot read --behave: expected .*sawtooth.*, got "ring-unbounded"$/);
  assert.match(mistakes[2] ?? "", /^Cannot read --hub: expected /);
});

test("hubWords() tells the hub what to break, how to behave and what else was said, in this order", () => {
  assert.deepEqual(hubWords({ fault: ["a", "b"], behave: ["c"], hub: "--late-after-ms 5 --token 'x y'" }), [
    ...["--fault", "a,b", "--behave", "c", "--late-after-ms", "5", "--token", "x y"],
  ]);
  assert.deepEqual(hubWords(NOTHING), []);
});

test("refusePlanting() refuses each of them with a target of the user's, and none with the hub", () => {
  const target = completeSpec({ pid: 1 });
  const all = { fault: ["a"], behave: ["c"], hub: "--cap 3" };
  assert.deepEqual(refusePlanting(all, null), []);
  assert.deepEqual(refusePlanting(NOTHING, target), []);
  assert.deepEqual(
    refusePlanting(all, target).map((mistake) => mistake.replace(/ with a target of yours: .*/, "")),
    ["Cannot take --fault", "Cannot take --behave", "Cannot take --hub"],
  );
});

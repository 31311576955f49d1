/** The list of what can be planted; that each fault breaks its promise, and health keeps it, the whole matrix shows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BEHAVIOURS, FAULTS, listPlanted } from "./faults.ts";

test("listPlanted() names every fault and behaviour, with its scenario and a sentence", () => {
  const { faults, behaviours } = JSON.parse(listPlanted(true));
  const [first] = Object.keys(FAULTS);
  assert.deepEqual(
    [faults.length, behaviours.length],
    [Object.keys(FAULTS).length, Object.keys(BEHAVIOURS).length],
  );
  assert.deepEqual(faults[0], { name: first, ...FAULTS["ring-unbounded"] });
  for (const name of [...Object.keys(FAULTS), ...Object.keys(BEHAVIOURS)])
    assert.match(listPlanted(false), new RegExp(`^ {2}${name} +[a-z-]+ +\\w`, "m"));
});

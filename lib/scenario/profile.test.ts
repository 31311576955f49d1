/** Which environment is told by which variable. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB } from "../units.ts";
import { detectProfile, PROFILES } from "./profile.ts";

test("detectProfile() tells the environment, and which variable said so", () => {
  const expected = [
    [{ CI: "true" }, "ci", "CI is set"],
    [{ GITHUB_ACTIONS: "true" }, "ci", "GITHUB_ACTIONS is set"],
    [{ CI: "1", ENVIRONMENT: "production" }, "ci", "CI is set"],
    [{ ENVIRONMENT: "test" }, "test", "ENVIRONMENT=test"],
    [{ ENVIRONMENT: "Staging" }, "staging", "ENVIRONMENT=Staging"],
    [{ ENVIRONMENT: "production" }, "production", "ENVIRONMENT=production"],
    [{ CI: "false", ENVIRONMENT: "test" }, "test", "ENVIRONMENT=test"],
  ] as const;
  for (const [environment, name, because] of expected) {
    assert.deepEqual(detectProfile(environment), { name, because });
  }
});

test("detectProfile() is development where nothing says otherwise", () => {
  const silent = [
    {},
    { CI: "" },
    { CI: "0", GITHUB_ACTIONS: "no" },
    { ENVIRONMENT: "qa" },
    { ENVIRONMENT: "toString" },
  ];
  for (const environment of silent) assert.equal(detectProfile(environment).name, "development");
});

test("PROFILES keeps the numbers that users know", () => {
  const { cleanupTimeout, emergencyCleanupTimeout, stressCycles, stressDuration, memoryGrowthLimit } =
    PROFILES.ci;
  assert.deepEqual([cleanupTimeout, emergencyCleanupTimeout], [1000, 10_000]);
  assert.deepEqual([stressCycles, stressDuration, memoryGrowthLimit], [50, 20_000, 50 * MIB]);
});

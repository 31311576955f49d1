/** Where each option's value comes from, and that every mistake is told at once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { count, duration } from "./number-options.ts";
import { type Options, optional, repeatable } from "./option.ts";
import { flagName, resolveSettings, type SettingSources, variableName } from "./settings.ts";
import { choice } from "./text-options.ts";

const help = "help";
const options = {
  hold: duration({ default: "10s", smoke: "2s", help }),
  stressDuration: duration({ default: "1s", smoke: "1s", profile: "stressDuration", help }),
  cycles: count({ default: "100", smoke: "4", environment: "RAPID_RESTART_CYCLES", help }),
  kind: choice(["file", "pipe"], { default: "file", help }),
  seed: optional(count({ default: "1", help }), "random"),
};

function resolveWith(sources: Partial<SettingSources> = {}) {
  return resolveSettings(options, {
    flags: new Map(),
    environment: {},
    profile: "development",
    size: { share: 1, why: "default" },
    ...sources,
  });
}

function sourceOf(name: string, { settings }: ReturnType<typeof resolveWith>) {
  return settings.find((setting) => setting.name === name)?.source;
}

test("resolveSettings() takes the flag before the environment, the target file, the profile and the default", () => {
  const flags = new Map([["stressDuration", ["3s"]]]);
  const environment = { PROOFLOAD_STRESS_DURATION: "4s" };
  const file = { "stress-duration": "5s" };
  const expected = [
    [{ flags, environment, file, profile: "ci" }, 3000, "flag"],
    [{ environment, file, profile: "ci" }, 4000, "environment PROOFLOAD_STRESS_DURATION"],
    [{ file, profile: "ci" }, 5000, "target file"],
    [{ profile: "ci" }, 20_000, "profile ci"],
  ] as const;
  for (const [sources, value, source] of expected) {
    const resolved = resolveWith(sources);
    assert.equal(resolved.values.stressDuration, value);
    assert.equal(sourceOf("stress-duration", resolved), source);
  }
  assert.equal(resolveWith().values.hold, 10_000);
  assert.equal(sourceOf("hold", resolveWith()), "default");
});

test("resolveSettings() does not shrink what a target file says, knows it as given, and names it where it cannot be read", () => {
  const smoke = resolveWith({ file: { hold: "9s" }, size: { share: 0, why: "smoke" } });
  assert.deepEqual([smoke.values.hold, smoke.given.has("hold")], [9000, true]);
  const { mistakes } = resolveWith({ file: { hold: "long", kind: "tree" } });
  assert.match(mistakes[0] ?? "", /^Cannot read option hold of the target file: expected .+, got "long"$/);
  assert.match(mistakes[1] ?? "", /^Cannot read option kind of the target file: .+, got "tree"$/);
});

test("resolveSettings() knows the name that an option already has in the environment, and only that one", () => {
  const resolved = resolveWith({ environment: { RAPID_RESTART_CYCLES: "7", PROOFLOAD_CYCLES: "8" } });
  assert.equal(resolved.values.cycles, 7);
  assert.equal(sourceOf("cycles", resolved), "environment RAPID_RESTART_CYCLES");
});

test("resolveSettings() takes an empty variable as one that is not set", () => {
  assert.equal(resolveWith({ environment: { PROOFLOAD_HOLD: "" } }).values.hold, 10_000);
});

test("resolveSettings() tells what the user set from what they did not", () => {
  const flags = new Map([["hold", ["3s"]]]);
  const { given } = resolveWith({ flags, environment: { PROOFLOAD_KIND: "pipe" }, profile: "ci" });
  assert.deepEqual([...given].sort(), ["hold", "kind"]);
});

test("resolveSettings() shrinks to the smoke size what is not set, and says so", () => {
  const flags = new Map([["hold", ["30s"]]]);
  const resolved = resolveWith({ flags, size: { share: 0, why: "smoke" } });
  assert.deepEqual(resolved.values, {
    hold: 30_000,
    stressDuration: 1000,
    cycles: 4,
    kind: "file",
    seed: null,
  });
  assert.equal(sourceOf("cycles", resolved), "smoke");
  assert.equal(sourceOf("kind", resolved), "default");
});

test("resolveSettings() shrinks part of the way for a budget, from the profile's value where there is one", () => {
  const resolved = resolveWith({ profile: "ci", size: { share: 0.5, why: "budget 1 min" } });
  assert.equal(resolved.values.hold, 6000);
  assert.equal(resolved.values.stressDuration, 10_500);
  assert.equal(resolved.values.cycles, 52);
  assert.equal(sourceOf("hold", resolved), "budget 1 min");
});

test("resolveSettings() tells all mistakes at once, with the name that the user wrote", () => {
  const flags = new Map([
    ["hold", ["soon"]],
    ["kind", ["file", "pipe"]],
  ]);
  const { mistakes } = resolveWith({
    flags,
    environment: { RAPID_RESTART_CYCLES: "-1", PROOFLOAD_SEED: "x" },
  });
  assert.deepEqual(mistakes, [
    `Cannot read --hold: expected a duration such as 500ms, 90s or 2h, got "soon"`,
    `Cannot read RAPID_RESTART_CYCLES: expected a whole number, got "-1"`,
    `Cannot take --kind more than once: got "file" and "pipe"`,
    `Cannot read PROOFLOAD_SEED: expected a whole number, got "x"`,
  ]);
});

test("resolveSettings() finds no mistake in what is right", () => {
  assert.deepEqual(resolveWith({ flags: new Map([["hold", ["3s"]]]) }).mistakes, []);
});

const many = { kind: repeatable(choice(["file", "pipe"], { default: "file", help }), "none") };

function resolveMany(flags: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const size = { share: 1, why: "default" };
  const given = flags.length > 0 ? new Map([["kind", flags]]) : new Map();
  return resolveSettings(many, { flags: given, environment, profile: "ci", size });
}

test("resolveSettings() takes a repeatable option as often as it is given, in that order, and none as an empty list", () => {
  assert.deepEqual(resolveMany(["pipe", "file"]).values.kind, ["pipe", "file"]);
  assert.deepEqual(resolveMany(["pipe", "file"]).settings, [
    { name: "kind", value: "pipe file", source: "flag" },
  ]);
  assert.deepEqual(resolveMany([]).values.kind, []);
  assert.equal(resolveMany([]).settings[0]?.value, "none");
});

test("resolveSettings() reads several values of a repeatable option from the environment, but the flags come first", () => {
  const environment = { PROOFLOAD_KIND: " pipe  file " };
  assert.deepEqual(resolveMany([], environment).values.kind, ["pipe", "file"]);
  assert.deepEqual(resolveMany(["file"], environment).values.kind, ["file"]);
  assert.equal(resolveMany([], { PROOFLOAD_KIND: "pipe tree" }).mistakes.length, 1);
});

test("resolveSettings() tells each text of a repeatable option that it cannot read", () => {
  assert.deepEqual(resolveMany(["tree", "pipe", "hole"]).mistakes, [
    `Cannot read --kind: expected one of file, pipe, got "tree"`,
    `Cannot read --kind: expected one of file, pipe, got "hole"`,
  ]);
});

test("flagName() and variableName() write the key in kebab case and in capitals", () => {
  const own: Options = options;
  assert.equal(flagName("minMemoryAvailable"), "min-memory-available");
  assert.equal(variableName("stressDuration", options.stressDuration), "PROOFLOAD_STRESS_DURATION");
  assert.equal(variableName("cycles", own.cycles!), "RAPID_RESTART_CYCLES");
});

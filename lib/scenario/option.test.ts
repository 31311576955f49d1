/** Every kind of option: what it reads, what it refuses, and how it shrinks. Folders are real ones. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { after, before, test } from "node:test";
import { mountTmpfs } from "../host/fixtures/tmpfs.ts";
import { MIB } from "../units.ts";
import { bytes, count, duration, list, portion, portionOf, share } from "./number-options.ts";
import { Expected, type Option, optional } from "./option.ts";
import { choice, flag, folder, text } from "./text-options.ts";

const help = "help";
let place = "";
before(() => {
  place = mkdtempSync(join(tmpdir(), "option-test-"));
});
after(() => rmSync(place, { recursive: true }));

/** What the option expected, or "" if it took the text. */
function refusal<T>(option: Option<T>, given: string): string {
  const value = option.parse(given);
  return value instanceof Expected ? value.what : "";
}

test("duration(), bytes(), share() and count() read their unit", () => {
  assert.equal(duration({ default: "1s", help }).parse("2m"), 120_000);
  assert.equal(bytes({ default: "1MiB", help }).parse("10MB"), 10e6);
  assert.equal(share({ default: "50%", help }).parse("85%"), 0.85);
  assert.equal(count({ default: "1", help }).parse("007"), 7);
});

test("duration(), bytes(), share() and count() say what they expected of anything else", () => {
  assert.match(refusal(duration({ default: "1s", help }), "5 parsecs"), /^a duration such as/);
  assert.match(refusal(bytes({ default: "1MiB", help }), "5s"), /^a size such as/);
  assert.match(refusal(share({ default: "50%", help }), "150%"), /^a share such as/);
  for (const given of ["1.5", "-1", "", "1e3", " 1"]) {
    assert.match(refusal(count({ default: "1", help }), given), /^a whole number/, given);
  }
});

test("numeric options take their bounds themselves, refuse what lies outside, and name both", () => {
  const option = bytes({ default: "2MiB", min: "1MiB", max: "4MiB", help });
  assert.equal(option.parse("1MiB"), MIB);
  assert.equal(option.parse("4MiB"), 4 * MIB);
  for (const given of ["1048575", "4194305"]) {
    assert.match(refusal(option, given), /at least 1 MiB, at most 4 MiB$/, given);
  }
});

test("numeric options cannot be declared with what they do not read themselves", () => {
  const wrong = { name: "Error", message: /Cannot declare an option: expected a duration.*, got "soon"/ };
  assert.throws(() => duration({ default: "soon", help }), wrong);
  assert.throws(() => duration({ default: "1s", smoke: "soon", help }), wrong);
  assert.throws(() => duration({ default: "1s", min: "soon", help }), wrong);
  assert.throws(
    () => list(duration({ default: "1s", help }), { default: "1s,soon", help }),
    /Cannot declare/,
  );
});

test("between() goes from the smoke size to the full one, and never above a full one that is smaller", () => {
  const hold = duration({ default: "10s", smoke: "2s", help });
  assert.deepEqual(
    [0, 0.5, 1].map((part) => hold.between?.(10_000, part)),
    [2000, 6000, 10_000],
  );
  assert.equal(hold.between?.(500, 0), 500);
  assert.equal(count({ default: "10", smoke: "1", help }).between?.(10, 0.25), 3);
});

test("list() reads each part like its item, and refuses an empty or a wrong one", () => {
  const option = list(share({ default: "50%", help }), { default: "60%, 75%", smoke: "10%", help });
  assert.deepEqual([option.default, option.smoke], [[0.6, 0.75], [0.1]]);
  assert.deepEqual(option.parse("85%,0.5"), [0.85, 0.5]);
  for (const given of ["", "60%,", "60%,,75%", "60%,x", "60%,150%"]) {
    assert.match(refusal(option, given), /^a comma-separated list, each a share/, given);
  }
  assert.equal(option.format([0.5, 1]), "50 %, 100 %");
});

test("list() that ascends refuses what falls or repeats", () => {
  const option = list(count({ default: "1", help }), { default: "1,2", ascending: true, help });
  assert.deepEqual(option.parse("1,5,9"), [1, 5, 9]);
  for (const given of ["2,1", "1,1"]) assert.match(refusal(option, given), /ascending/, given);
});

test("portion() is a size or a share of a whole that is known later, and never more than the whole", () => {
  const option = portion({ default: "60%", smoke: "1MiB", help });
  assert.deepEqual(
    [option.default, option.smoke],
    [
      { unit: "share", value: 0.6 },
      { unit: "bytes", value: MIB },
    ],
  );
  assert.deepEqual([portionOf(option.default, 1000), portionOf(option.smoke, 1000)], [600, 1000]);
  for (const given of ["", "0", "0%", "101%", "half", "-1"])
    assert.match(refusal(option, given), /^a size/, given);
  assert.throws(() => portion({ default: "half", help }), /Cannot declare an option/);
});

test("choice() takes one of its words only", () => {
  const option = choice(["file", "socket"], { default: "file", help });
  assert.equal(option.parse("socket"), "socket");
  for (const given of ["", "File", "sock", "constructor"]) {
    assert.equal(refusal(option, given), "one of file, socket", given);
  }
});

test("flag() reads the words that environments use", () => {
  for (const given of ["true", "1", "yes"]) assert.equal(flag({ help }).parse(given), true, given);
  for (const given of ["false", "0", "no"]) assert.equal(flag({ help }).parse(given), false, given);
  for (const given of ["", "maybe", "2"])
    assert.equal(refusal(flag({ help }), given), "true or false", given);
});

test("text() takes anything, or what its own check accepts", () => {
  const accepts = (given: string) => (given.startsWith("/") ? null : "an absolute path");
  assert.equal(text({ default: "", placeholder: "T", help }).parse("<anything>"), "<anything>");
  assert.equal(text({ default: "/", placeholder: "T", help, accepts }).parse("/x"), "/x");
  assert.equal(refusal(text({ default: "/", placeholder: "T", help, accepts }), "x"), "an absolute path");
});

test("folder() answers an absolute path of a folder that is there", () => {
  assert.equal(folder({ default: ".", help }).parse(relative(process.cwd(), place)), place);
  assert.equal(folder({ default: ".", help }).default, resolve("."));
});

test("folder() refuses what is missing, and what is a file", () => {
  const file = join(place, "file");
  writeFileSync(file, "");
  assert.match(refusal(folder({ default: ".", help }), join(place, "none")), /there is none/);
  assert.match(refusal(folder({ default: ".", help }), file), /this is a file/);
  assert.match(refusal(folder({ default: ".", help }), join(file, "below")), /ENOTDIR/);
});

test("folder() refuses a volume that is mounted read-only", (t) => {
  const volume = mountTmpfs(t, "ro,size=64k");
  if (volume) assert.match(refusal(folder({ default: ".", help }), volume), /its volume is read-only/);
});

test("optional() is null until it is set, says what that means, and shrinks only to a smoke value of its own", () => {
  const option = optional(count({ default: "1", help }), "random");
  assert.deepEqual([option.default, option.smoke, option.format(null)], [null, null, "random"]);
  assert.deepEqual([option.parse("7"), option.format(7)], [7, "7"]);
  assert.match(refusal(option, "x"), /^a whole number/);
  assert.equal(optional(count({ default: "9", smoke: "2", help }), "none").smoke, 2);
});

test("optional() shrinks from all that it stands for when it is left out", () => {
  const limit = optional(portion({ default: "100%", smoke: "1MiB", help }), "none");
  assert.deepEqual(limit.between?.(null, 0.25), { unit: "share", value: 0.25 });
  assert.deepEqual(limit.between?.({ unit: "bytes", value: 400 }, 0.25), { unit: "bytes", value: 100 });
});

/** What is read from a command line, and what is said about words that do not belong there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readCommandLine } from "./command-line.ts";
import { count, duration } from "./number-options.ts";
import { flag } from "./text-options.ts";

const help = "help";
const options = {
  hold: duration({ default: "1s", help }),
  maxKept: count({ default: "1", help }),
  smoke: flag({ help }),
};

function read(...words: string[]) {
  const { flags, help: wanted, mistakes } = readCommandLine(options, words);
  return { flags: Object.fromEntries(flags), help: wanted, mistakes };
}

test("readCommandLine() reads values after a space or an equals sign, as the texts that they are", () => {
  const { flags, mistakes } = read("--hold", "090", "--max-kept=1e3", "--smoke");
  assert.deepEqual(flags, { hold: ["090"], maxKept: ["1e3"], smoke: ["true"] });
  assert.deepEqual(mistakes, []);
});

test("readCommandLine() keeps every text of an option that is given twice", () => {
  assert.deepEqual(read("--hold", "1s", "--hold", "2s").flags, { hold: ["1s", "2s"] });
});

test("readCommandLine() takes a value that is missing as an empty one, which no option reads", () => {
  assert.deepEqual(read("--hold").flags, { hold: [""] });
  assert.deepEqual(read("--hold", "--smoke").flags, { hold: [""], smoke: ["true"] });
});

test("readCommandLine() takes words in one for a value, dashes or not", () => {
  assert.deepEqual(read("--hold", "--ring 50", "--smoke").flags, { hold: ["--ring 50"], smoke: ["true"] });
  assert.deepEqual(read("--smoke", "--ring 50").mistakes.length, 1);
});

test("readCommandLine() reads --no-smoke as false, and keeps what was written after --smoke=", () => {
  assert.deepEqual(read("--no-smoke").flags, { smoke: ["false"] });
  assert.deepEqual(read("--smoke=no").flags, { smoke: ["no"] });
  assert.deepEqual(read("--smoke=maybe").flags, { smoke: ["maybe"] });
});

test("readCommandLine() answers help for --help and -h, and not otherwise", () => {
  assert.equal(read("--help").help, true);
  assert.equal(read("-h").help, true);
  assert.equal(read("--hold", "1s").help, false);
});

test("readCommandLine() suggests the option that an unknown one is close to", () => {
  assert.deepEqual(read("--hodl", "5s").mistakes, [
    "Cannot take --hodl: there is no such option; did you mean --hold?",
  ]);
  assert.match(read("--maxKept", "5").mistakes[0]!, /did you mean --max-kept\?$/);
});

test("readCommandLine() suggests nothing for an option that is close to none", () => {
  assert.deepEqual(read("--wibble", "-x").mistakes, [
    "Cannot take --wibble: there is no such option; --help lists them",
    "Cannot take -x: there is no such option; --help lists them",
  ]);
});

test("readCommandLine() refuses positional words, wherever they stand", () => {
  const { mistakes } = read("foo", "--hold", "1s", "--", "--bar");
  assert.deepEqual(mistakes, [
    `Cannot take "foo": expected only options, each with two dashes`,
    `Cannot take "--bar": expected only options, each with two dashes`,
  ]);
});

test("readCommandLine() keeps words that belong to no option, as they are, for a program that takes such", () => {
  const { operands, mistakes, flags } = readCommandLine(
    options,
    ["a.csv", "--hold", "1s", "007", "--smoke", "b.csv", "--", "--c"],
    { operands: true },
  );
  assert.deepEqual(operands, ["a.csv", "007", "b.csv", "--c"]);
  assert.deepEqual(flags.get("hold"), ["1s"]);
  assert.deepEqual(mistakes, []);
});

test("readCommandLine() takes no dots, no abbreviations and no groups of letters", () => {
  for (const word of ["--hold.x", "--hol", "-hx"]) assert.equal(read(word).mistakes.length, 1, word);
});

test("readCommandLine() refuses --no- before an option that takes a value", () => {
  const { flags, mistakes } = read("--no-hold");
  assert.deepEqual(mistakes, ["Cannot take --no-hold: expected a value for it"]);
  assert.deepEqual(flags, {});
});

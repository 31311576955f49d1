/** What a report says of the target: all that was seen of it, and nothing of it as markup. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { madeUpTarget } from "./fixtures/made-up-target.ts";
import { describeTarget } from "./target-markdown.ts";

const TARGET = madeUpTarget();

test("describeTarget() says nothing where there is none", () => {
  assert.equal(describeTarget(null), "");
});

test("describeTarget() tells who it was, how it answered, and what it held before and afterwards", () => {
  const text = describeTarget(TARGET);
  assert.match(
    text,
    /^## Target\n\nserver · server --port 1 · pid 7 · ws:\/\/127\.0\.0\.1:1\/ · up after 1\.5 s · wrote 3 MB\n/,
  );
  assert.match(text, /\| under load \| 49 of 50 \| 1 ms \| 3 ms \| {2}\| 400 ms \|/);
  assert.match(text, /\| descriptors \| 30 \| 50 \|/);
  // what could not be read is left out
  assert.doesNotMatch(text, /live bytes|null|bye/);
});

test("describeTarget() tells descriptors by kind and connections by state, but of none of a kind nothing", () => {
  const after = {
    ...TARGET.before,
    ...{ descriptorKinds: { socket: 12, file: 18, pipe: 20 }, socketsEstablished: 0, socketsCloseWait: 2 },
  };
  const text = describeTarget({ ...TARGET, after });
  assert.match(text, /\| · files \| 18 \| 18 \|\n\| · sockets \| 12 \| 12 \|\n\| · pipes \| 0 \| 20 \|/);
  assert.match(text, /\| · established \| 2 \| 0 \|\n\| · closed by the peer.*\| 0 \| 2 \|/);
  assert.doesNotMatch(text, /devices|TIME/);
});

test("describeTarget() names each thing once, and says of a pid or a URL no start", () => {
  const text = describeTarget({
    ...TARGET,
    name: "pid 7",
    command: null,
    url: null,
    health: null,
    output: null,
  });
  assert.match(text, /^## Target\n\npid 7\n\n\| It held/);
});

test("describeTarget() tells what stayed, and of one that died its last words, and nothing afterwards", () => {
  const died = { exitCode: null, signal: "SIGKILL", during: "hold" };
  const text = describeTarget({ ...TARGET, died, after: null, stayed: ["3 × /tmp/x (deleted)"] });
  assert.match(text, /before:\n\n- 3 × \/tmp\/x \(deleted\)\n/);
  assert.match(text, /Its last words:\n\n {4}bye$/);
  assert.match(text, /\| descriptors \| 30 \| {2}\|/);
});

test("describeTarget() escapes whatever came from outside: names, words, URLs, files and output", () => {
  const evil = "a|b\n# <script>`*_[x](y)";
  const died = { exitCode: 1, signal: null, during: "load" };
  const text = describeTarget({
    ...TARGET,
    ...{ name: `${evil} 1`, command: [`${evil} 2`], url: `${evil} 3`, stayed: [evil] },
    ...{ died, lastLines: ["```", `${evil}\r# x`] },
  });
  const [outside = "", words = ""] = text.split("Its last words:");
  assert.doesNotMatch(outside, /^# |(?<!\\)[<>`]|(?<!\\)\[x/m);
  assert.equal(outside.match(/a\\\|b/g)?.length, 4, outside);
  // output is shown as it is, but indented: no fence, no heading of its own
  for (const line of words.split(/[\r\n]+/).filter(Boolean)) assert.match(line, /^ {4}/);
});

test("describeTarget() shows what it held once it had warmed up, where that is what it may keep", () => {
  const base = { ...TARGET.before, descriptors: 62 };
  const text = describeTarget({ ...TARGET, base, stayed: ["3 × /tmp/x"] });
  assert.match(text, /\| It held \| Before \| Warmed up \| Afterwards \|/);
  assert.match(text, /\| descriptors \| 30 \| 62 \| 50 \|/);
  assert.match(text, /^What is there afterwards and was not once it had warmed up:$/m);
});

/** Repeating tests finds the planted flake, the handle and the process that were left, and says how far it came. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { run, temporaryFolder } from "./command.ts";
import { startLong } from "./long-run.ts";

const HEAD = 'import { test } from "node:test";\n';
/** Fails in the second run, and in no other. */
const FLAKY = `${HEAD}import { appendFileSync, readFileSync } from "node:fs";
test("sometimes", () => {
  appendFileSync(PATH, "x");
  if (readFileSync(PATH, "utf8").length === 2) throw new Error("not today");
});`;
const KEEPS_A_TIMER = `${HEAD}test("fine", () => void setInterval(() => {}, 45_000));`;
const LEAVES_A_CHILD = `${HEAD}import { spawn } from "node:child_process";
test("fine, too", () => spawn("sleep", ["31"], { stdio: "ignore" }).unref());`;

function plant(t: TestContext, files: Readonly<Record<string, string>>): string[] {
  const folder = temporaryFolder(t);
  return Object.entries(files).map(([name, text]) => {
    const path = join(folder, `${name}.mjs`);
    writeFileSync(path, text.replaceAll("PATH", JSON.stringify(join(folder, "count"))));
    return path;
  });
}

test("test-repeat finds a flake, a handle that is left, by name and site, and a process", async (t) => {
  const files = plant(t, { flaky: FLAKY, timer: KEEPS_A_TIMER, child: LEAVES_A_CHILD });
  const words = ["--runs", "2", "--seed", "7", "--patience", "5s", ...files];
  const { code, stdout, stderr } = await run("test/repeat.ts", words);
  assert.deepEqual([code, stderr], [1, ""]);
  assert.match(stdout, /^run 1 of 2 · seed 7 · .* · 2 tests · 2 failed$/m, "one never tells how many it has");
  assert.match(stdout, /^run 2 of 2 · seed 8 · .* · 3 failed$/m);
  assert.match(stdout, /error: 'not today'/);
  assert.match(stdout, /interval of 45 s, made at .*timer\.mjs:2:/);
  assert.match(stdout, /^ +\d+ sleep 31$/m);
  const end = [...stdout.matchAll(/^failed in (\d) of 2 runs: .*\/(\w+)\.mjs: (.*)$/gm)].map((found) =>
    found.slice(1).join(" "),
  );
  assert.deepEqual(end.sort(), [
    "1 flaky sometimes",
    "2 child (leaves processes)",
    "2 timer (does not end by itself)",
  ]);
});

test("test-repeat, interrupted, says how far it came, and a mistake in its options is told", async (t) => {
  const files = plant(t, { quick: `${HEAD}test("quick", () => {});` });
  const { child, ended } = startLong(t, "test/repeat.ts", ["--runs", "1000", ...files]);
  let said = "";
  child.stdout?.on("data", (text) => {
    said += text;
  });
  while (!said.includes("run 1 of")) await once(child.stdout as NodeJS.ReadableStream, "data");
  child.kill("SIGINT");
  const { code, stdout } = await ended;
  assert.equal(code, 130);
  assert.match(stdout, /^interrupted in run \d+ of 1000\n\d+ runs: no flake, nothing left$/m);
  assert.equal((await run("test/repeat.ts", ["--runs", "many"])).code, 2);
});

/** The examples of docs/canary.md run as written; with vitest and jest, whose hooks have node:test's names, on node:test. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT, temporaryFolder } from "./command.ts";

const BLOCKS = [
  ...readFileSync(join(ROOT, "docs/canary.md"), "utf8").matchAll(/^## ([^\n]*)|```[jt]s\n(.*?)```/gms),
];
const TSX = join(ROOT, "node_modules/tsx/dist/loader.mjs");
const CLEARS = "  clearInterval(timer);\n";
const CLOSES = "  t.after(() => server.close());\n";

function listExamples(): { runner: string; text: string }[] {
  let runner = "";
  return BLOCKS.flatMap(([, heading, text]) => {
    runner = heading ?? runner;
    return text ? [{ runner, text }] : [];
  });
}

/** Without what the reader has installed. */
function toNodeTest(runner: string, text: string): string {
  const globals = runner === "jest" ? 'import { afterEach, beforeEach, test } from "node:test";\n' : "";
  return (globals + text)
    .replace('"vitest"', '"node:test"')
    .replace('"proofload/canary"', JSON.stringify(new URL("../lib/canary.ts", import.meta.url).href));
}

const examples = listExamples();

test("docs/canary.md has an example for each runner", () => {
  assert.deepEqual([...new Set(examples.map(({ runner }) => runner))], ["node:test", "vitest", "jest"]);
});

for (const [index, { runner, text }] of examples.entries())
  test(`example ${index + 1} of docs/canary.md (${runner}) passes, and fails where it leaves something`, (t) => {
    const folder = temporaryFolder(t);
    const tell = (name: string, source: string) => {
      const path = join(folder, name);
      writeFileSync(path, toNodeTest(runner, source));
      return spawnSync(process.execPath, ["--import", TSX, path], { encoding: "utf8" });
    };
    const healthy = tell("healthy.mts", text);
    assert.equal(healthy.status, 0, healthy.stdout);
    const leaky = text
      .replace(/Canary\((\{ allowed: 0 \})?\)/, "Canary({ allowed: 0 })")
      // unref'd later, so that the process ends although it has left it
      .replace(CLEARS, "  setTimeout(() => clearInterval(timer), 500);\n")
      .replace(CLOSES, "  setTimeout(() => server.close(), 500);\n")
      .replace("}));", "}, { allowed: 0 }));");
    assert.notEqual(leaky, text);
    const left = tell("leaky.mts", leaky);
    assert.equal(left.status, 1, left.stdout);
    assert.match(left.stdout, /left by the test \(allowed: 0\):\n.*made at .*leaky\.mts:\d+/);
  });

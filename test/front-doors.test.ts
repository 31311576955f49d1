/** Every scenario's front door: its first line, its help, its plan. A new scenario needs no new test. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { commonOptions } from "../lib/scenario/common-options.ts";
import { discoverScenarios } from "../lib/scenario/discover.ts";
import { ROOT, run, temporaryFolder } from "./command.ts";

const scenarios = await discoverScenarios(new URL("../scripts/", import.meta.url));

test("there are scenarios to conform", () => {
  assert.ok(scenarios.length >= 9, scenarios.map(({ name }) => name).join(", "));
});

test("no scenario's option hides one that all have", () => {
  const hiding = scenarios.flatMap(({ name, scenario }) =>
    Object.keys(scenario.options).flatMap((key) => (key in commonOptions ? [`${name}: ${key}`] : [])),
  );
  assert.deepEqual(hiding, []);
});

for (const { name, scenario } of scenarios) {
  const file = `scripts/${name}.ts`;

  describe(name, () => {
    test("is executable, runs from any folder by its own first line, and helps", async (t) => {
      assert.ok(statSync(join(ROOT, file)).mode & 0o111, `${file} has no run bit`);
      const elsewhere = temporaryFolder(t);
      const shell = { name: "shebang", command: ["env", "-C", elsewhere], missing: null };
      const { code, stdout, stderr } = await run(file, ["--help"], shell);
      assert.equal(code, 0, stderr);
      const words = stdout.replace(/\s+/g, " ");
      for (const told of [scenario.summary, ...Object.values(scenario.options).map(({ help }) => help)]) {
        assert.ok(words.includes(told), `--help does not say "${told}"`);
      }
    });

    test("says what it would take, and takes nothing", async (t) => {
      const out = join(temporaryFolder(t), "reports");
      const { code, stdout, stderr } = await run(file, ["--dry-run", "--out", out]);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^Plan:\n {2}- .+\nTakes about .+ and at most .+\.\n$/s);
      assert.throws(() => statSync(out), { code: "ENOENT" });
    });
  });
}

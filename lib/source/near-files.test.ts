/** The shortcut for relative imports leads where the resolver leads, or leaves the answer to it. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { ResolverFactory } from "oxc-resolver";
import { RULES } from "./javascript-resolver.ts";
import { createNearFiles } from "./near-files.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "proofload-test-")));
after(() => rmSync(root, { recursive: true, force: true }));
for (const path of [
  ...["a.ts", "a.js", "b.js", "c.tsx", "c.jsx", "d.mts", "d.mjs", "e", "e.ts", "f.json", "g.min.js", "h.css"],
  ...["folder/index.js", "folder.js", "only/index.js", "deep/er/a.js", "linked.ts", "UPPER.js"],
]) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), "");
}
symlinkSync("b.js", join(root, "link.js"));
symlinkSync("linked.ts", join(root, "over.ts"));
writeFileSync(join(root, "over.js"), "");
symlinkSync("deep", join(root, "sunk"));

const simple = [
  "./a",
  "./a.js",
  "./a.ts",
  "./b",
  "./b.js",
  "./c.js",
  "./c",
  "./d.mjs",
  "./e",
  "./f.json",
  "./f",
];
const others = [
  "./g.min.js",
  "./g.min",
  "./h.css",
  "./folder",
  "./folder.js",
  "./deep/../b.js",
  "./deep/er/a",
];
const left = ["./only", "./folder/", ".", "..", "./", "./.", "./deep/..", "./link.js", "./link", "./over.js"];
const nowhere = ["./none", "./none.js", "./b.ts", "./b.mjs", "./upper.js", "../none", "./a?raw", "./a#x"];
const packages = ["a", "node:fs", "#a", "@a/b", "/etc/passwd", "./sunk/er/a.js", "./a.js/b", ".\\a.js", ""];

for (const [kind, specifiers] of Object.entries({ simple, others, left, nowhere, packages }))
  test(`createNearFiles() never leads elsewhere than the resolver: ${kind}`, () => {
    const resolver = new ResolverFactory({ ...RULES, conditionNames: ["node", "import"] });
    const nearFiles = createNearFiles(RULES);
    const isAnswered = kind === "simple" || kind === "others";
    for (const folder of [root, join(root, "deep")])
      for (const specifier of specifiers) {
        const near = nearFiles(folder)(specifier);
        const { path } = resolver.resolveFileSync(join(folder, "from.js"), specifier);
        if (near !== null) assert.equal(near, path, specifier);
        else if (isAnswered && folder === root) assert.fail(`${specifier} was left to the resolver`);
      }
    if (!isAnswered) for (const one of specifiers) assert.equal(nearFiles(root)(one), null, one);
  });

test("createNearFiles() leaves what lies behind a linked folder, or in none, to the resolver", () => {
  const nearFiles = createNearFiles(RULES);
  assert.equal(nearFiles(root)("./sunk/er/a.js"), null);
  assert.equal(nearFiles(join(root, "none"))("./a.js"), null);
});

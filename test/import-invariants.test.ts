/** The invariants of import-cycles on made-up evidence; what a baseline accepts; what is told, drawn and refused. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { reportSchema } from "../lib/report/report.ts";
import type { KnownCycle, Survey } from "../lib/source/survey.ts";
import { scenario } from "../scripts/import-cycles.ts";
import { PATIENT, QUICKEST, run, temporaryFolder } from "./command.ts";
import { judgeEach } from "./judge-each.ts";

const cycleOf = (...files: readonly string[]): KnownCycle => ({
  steps: files.map((file, index) => ({ file, line: index + 1, when: "load", conditional: false })),
});

const HEALTHY: Survey = {
  ...{ modules: 100, imports: 300, typeImports: 7, unread: [], missing: [], passedOver: {} },
  ...{ cycles: [cycleOf("a.ts", "b.ts")], tangle: [], threads: 1, tookMs: 900 },
  cuts: [{ file: "a.ts", lines: [1], to: "b.ts", opens: 1 }],
};

const many = Array.from({ length: 20 }, (_, index) => cycleOf(`a${index}.ts`, `b${index}.ts`));

describe("import-cycles", () => {
  judgeEach(
    scenario,
    { evidence: HEALTHY, named: [], stayed: [], before: { cycles: [cycleOf("a.ts", "b.ts")] } },
    {
      "the project has source files": { broken: [{ evidence: { modules: 0 } }] },
      "every source file could be read and parsed": {
        broken: [{ evidence: { unread: ["a.ts: line 1: Unexpected token"] } }],
      },
      "there are fewer than {maxCycles} cycles": {
        broken: [{ evidence: { cycles: many } }],
        held: [
          { evidence: { cycles: many.slice(1) } },
          { evidence: { cycles: many }, before: { cycles: many } },
        ],
      },
      "no cycle is longer than {maxLength} modules": {
        broken: [{ evidence: { cycles: [cycleOf("a", "b", "c", "d", "e", "f")] } }],
        held: [{ evidence: { cycles: [cycleOf("a", "b", "c", "d", "e")] } }],
      },
      "no cycle is new since the baseline": {
        broken: [
          { evidence: { cycles: [cycleOf("a.ts", "b.ts"), cycleOf("a.ts", "c.ts")] } },
          { before: "of another version" },
        ],
        skipped: [{ before: null }],
      },
      "the project is read within {within}": { broken: [{ evidence: { tookMs: 31_000 } }] },
    },
  );
});

function write(folder: string, files: Readonly<Record<string, string>>) {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

test("a baseline accepts the cycles that it had, and fails on a new one, which is named with its lines", async (t) => {
  const folder = temporaryFolder(t);
  const [project, out] = [join(folder, "project"), join(folder, "reports")];
  write(project, { "a.ts": 'import "./b.ts";', "b.ts": '\nimport "./a.ts";' });
  const words = ["--project", project, "--max-cycles", "5", "--out", out, "--json"];
  const ask = async (...more: readonly string[]) => {
    const { stdout, code } = await run("scripts/import-cycles.ts", [...words, ...more], QUICKEST, PATIENT);
    return { report: reportSchema.parse(JSON.parse(stdout)), code };
  };
  const first = await ask();
  assert.equal(first.code, 0, JSON.stringify(first.report.verdict));
  const again = await ask("--baseline", "last-pass");
  assert.equal(again.code, 0, JSON.stringify(again.report.verdict));
  write(project, {
    "c.ts": 'import { a } from "./d.ts";',
    "d.ts": 'export const a = () => import("./c.ts");',
  });
  const { report, code } = await ask("--baseline", join(out, "import-cycles", first.report.run));
  assert.equal(code, 1);
  const broken = report.findings.find(({ sentence }) => sentence === "no cycle is new since the baseline");
  assert.ok(broken && "evidence" in broken && broken.outcome === "broken", JSON.stringify(report.findings));
  assert.deepEqual(broken.evidence, [
    "c.ts:1 → d.ts:1 → c.ts (closes only later, when it is called: d.ts:1)",
  ]);
  const page = readFileSync(join(out, "import-cycles", report.run, "report.html"), "utf8");
  assert.match(page, /Who imports whom in a circle/);
  assert.equal(page.match(/<svg class="picture"/g)?.length, 2, "one for each knot");
});

test("a project without a source file is inconclusive, and one that is not there is refused", async (t) => {
  const folder = temporaryFolder(t);
  const { code, stdout } = await run(
    "scripts/import-cycles.ts",
    ["--project", folder, "--out", folder],
    QUICKEST,
  );
  assert.equal(code, 3, stdout);
  assert.match(stdout, /the project has source files/);
  const gone = join(folder, "gone");
  const refused = await run(
    "scripts/import-cycles.ts",
    ["--project", gone, "--fault", "long-cycle"],
    QUICKEST,
  );
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--project.*a project's folder \(there is none\)/);
});

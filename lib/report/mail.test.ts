/** A failure fits into a mail, and says how to see it again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HOSTILE } from "./fixtures/hostile.ts";
import { madeUpFinding, madeUpReport } from "./fixtures/made-up.ts";
import { renderMail } from "./mail.ts";
import { shellCommand } from "./repeat.ts";

test("renderMail() tells where, what broke with its evidence, and how to see it again, in narrow lines", () => {
  const broken = { ...madeUpFinding("broken", HOSTILE), evidence: Array.from({ length: 9 }, () => HOSTILE) };
  const command = [
    "/p/scripts/made-up.ts",
    "--hold",
    "2 s",
    "--out",
    "elsewhere",
    "--quiet",
    "--ping=http://x",
    "--seed",
    "1",
  ];
  const report = madeUpReport({
    findings: [broken as ReturnType<typeof madeUpFinding>],
    process: { pid: 1, command, oomScoreAdj: null },
    verdict: { kind: "fail", sentence: HOSTILE },
  });
  const text = renderMail(report, "reports/x/report.md");
  const lines = text.split("\n");
  assert.match(lines[0] ?? "", /^made-up on box, 2026-01-02T03:04:05/);
  assert.match(text, /\n {2}- and 4 more lines in the report\n/);
  assert.equal(lines.at(-1), "Try it again: scripts/made-up.ts --hold '2 s' --seed 2147483647");
  for (const line of lines) assert.ok(line.length <= 80 && !/[^\P{Cc}]/u.test(line), line);
});

test("shellCommand() leaves out where the report went and who was told, also with a value after =", () => {
  const command = ["/p/scripts/made-up.ts", "--out=a", "--keep", "3", "--prom=p", "--cycles", "5"];
  const report = madeUpReport({ process: { pid: 1, command, oomScoreAdj: null }, seed: 7 });
  assert.equal(shellCommand(report), "scripts/made-up.ts --cycles 5 --seed 7");
});

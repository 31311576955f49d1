/** What a run says while it lasts and at its end: on a terminal, without one, as JSON, and when told to be quiet. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { parseReport, QUICKEST, ROOT, RUNTIMES, run, skipReason, temporaryFolder } from "./command.ts";
import { readNewest } from "./remains.ts";

const NAME = "descriptor-exhaustion";
const FILE = `scripts/${NAME}.ts`;
const ESC = "\u001b";

for (const runtime of RUNTIMES) {
  const skip = skipReason(runtime.missing);
  test(`without a terminal a run says a line for each phase, on ${runtime.name}`, { skip }, async (t) => {
    const out = temporaryFolder(t);
    const { stdout, stderr } = await run(FILE, ["--smoke", "--out", out], runtime);
    const { report } = readNewest(out, NAME);
    const said = stderr.trimEnd().split("\n");
    assert.deepEqual(
      said.map((line) => line.replace(/ \([\d.]+ m?s\)$/, "")),
      report.phases.map(({ name }) => `${NAME}: ${name}`),
    );
    const lines = stdout.trimEnd().split("\n");
    assert.ok(lines.length <= 25, stdout);
    assert.equal(lines.at(-1), `Report: ${join(out, NAME, report.run, "report.md")}`);
    // one that is longer than a line is wrapped
    assert.ok(lines.slice(0, -1).join(" ").endsWith(report.verdict.sentence), stdout);
    assert.ok(!`${stdout}${stderr}`.includes(ESC));
  });
}

test("--json prints exactly one JSON document on stdout", async (t) => {
  const out = temporaryFolder(t);
  const ended = await run(FILE, ["--smoke", "--json", "--out", out]);
  assert.equal(ended.stdout.trimEnd().split("\n").length, 1);
  assert.deepEqual(parseReport(ended), readNewest(out, NAME).report);
});

test("--quiet prints nothing on a pass", async (t) => {
  const out = temporaryFolder(t);
  const { stdout, stderr } = await run(FILE, ["--smoke", "--quiet", "--out", out]);
  assert.equal(stderr, "");
  // a noisy box can make a run inconclusive, and that has to be told
  assert.equal(stdout === "", readNewest(out, NAME).report.verdict.kind === "pass", stdout);
});

test("--quiet tells what is no pass", async (t) => {
  const words = ["--quiet", "--min-cores", "9999", "--out", temporaryFolder(t)];
  const { code, stdout, stderr } = await run("scripts/limits-audit.ts", words);
  assert.equal(code, 1);
  assert.match(stdout, /FAIL limits-audit/);
  assert.equal(stderr, "");
});

/** Runs it under a terminal of 80 columns, which script(1) makes. Answers all that it wrote there, on stdout and stderr. */
async function runOnTerminal(words: readonly string[], environment: Record<string, string>): Promise<string> {
  const { command } = QUICKEST;
  const line = [...command, join(ROOT, FILE), ...words].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qec", `stty cols 80; exec ${line}`, "/dev/null"], {
    stdio: ["ignore", "pipe", "inherit"],
    // nothing else: CI, FORCE_COLOR and an empty NO_COLOR have a say in colours, too
    env: { PATH: process.env.PATH, TERM: "xterm", ...environment },
  });
  const closed = once(child, "close");
  const written = await text(child.stdout);
  await closed;
  return written;
}

const skip = skipReason(
  spawnSync("script", ["--version"]).error ? "script of util-linux is not installed" : null,
);

test("on a terminal a run is one live line, drawn again and again, and wiped at the end", {
  skip,
}, async (t) => {
  const out = temporaryFolder(t);
  const written = await runOnTerminal(["--smoke", "--out", out], {});
  const { report } = readNewest(out, NAME);
  const [live = "", ...summary] = written.split("\n");
  // each over the one before, and erased to its right; the last one wipes the line, and the summary takes its place
  const drawn = live.split(`${ESC}[K`);
  const shown = drawn.slice(0, -2).map((each) => each.replace(/^\r/, ""));
  assert.equal(drawn.at(-2), "\r");
  assert.ok(shown.length >= report.phases.length, JSON.stringify(shown));
  for (const each of shown) assert.match(each, /^descriptor-exhaustion {2}.+ {2}\d+ m?s left/);
  for (const each of shown) assert.ok(each.length < 80, each);
  for (const { name } of report.phases)
    assert.ok(
      shown.some((each) => each.includes(`  ${name}  `)),
      name,
    );
  // the curves first, then invariants
  assert.match(drawn.at(-1) ?? "", /[▁▂▃▄▅▆▇█]{2}/u);
  assert.ok(summary.some((line) => /^(✅|❓|❌|⏭️) /u.test(line)));
  assert.ok(summary.length <= 25, written);
  assert.ok(summary.every((line) => !line.replace(/\r$/, "").includes("\r")));
  assert.match(written, new RegExp(`${ESC}\\[3[123]m${report.verdict.kind.toUpperCase()}${ESC}\\[39m`));
});

test("on a terminal NO_COLOR is honoured", { skip }, async (t) => {
  const out = temporaryFolder(t);
  const written = await runOnTerminal(["--smoke", "--out", out], { NO_COLOR: "1" });
  assert.ok(!/\[\d+m/.test(written), JSON.stringify(written));
  assert.match(written, new RegExp(`${readNewest(out, NAME).report.verdict.kind.toUpperCase()} ${NAME}`));
});

/** Targets that misbehave: clear words with their last lines, the right exit code, and nothing of them left. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { findFreePort } from "../lib/target/free-port.ts";
import { explain, PATIENT, parseReport, run, skipReason, temporaryFolder } from "./command.ts";
import { SERVERS, targetWords } from "./made-up-target.ts";
import { findTemporaries, listRuns } from "./remains.ts";

const skip = skipReason(process.platform === "linux" ? null : "needs /proc");
/** As short as it may be: no verdict on growth can be had of it. */
const SHORT = ["--json", "--duration", "5s", "--ttl", "1s", "--target-settle", "1s", "--interval", "500ms"];

async function soak(t: TestContext, words: readonly string[]) {
  const out = temporaryFolder(t);
  const ended = await run("scripts/idle-soak.ts", [...words, ...SHORT, "--out", out], undefined, PATIENT);
  const report = parseReport(ended);
  assert.equal(ended.code, report.exitCode);
  assert.deepEqual(report.notes, []);
  assert.deepEqual(findTemporaries(report.process.pid, out), []);
  const [name = ""] = listRuns(out, "idle-soak");
  const markdown = readFileSync(join(out, "idle-soak", name, "report.md"), "utf8");
  return { ...ended, report, markdown };
}

interface Start {
  readonly name: keyof typeof SERVERS;
  /** What ends by itself has all the time it needs; what must be given up on has the time that a busy box needs to start it. */
  readonly within: "5s" | "60s";
  readonly file?: Readonly<Record<string, unknown>>;
  readonly sentence: RegExp;
  /** Its last words, as the report shows them. */
  readonly quoted?: RegExp;
}

const HTTP = { url: "http://127.0.0.1:{port}/", ready: "http://127.0.0.1:{port}/" };
const STARTS: readonly Start[] = [
  {
    name: "ends at once",
    within: "60s",
    sentence:
      /^Cannot start ends at once: expected a connection to 127\.0\.0\.1:\d+, but it ended with exit code 7 before it was ready\n/,
    quoted: /\n {4}cannot open the database\n {4}no such file\n/,
  },
  {
    name: "never gets ready",
    within: "5s",
    sentence:
      /^Cannot start never gets ready: expected a connection to .+ within 5000 ms, got connect ECONNREFUSED\n/,
    quoted: /\n {4}still loading\n/,
  },
  {
    name: "answers garbage",
    within: "5s",
    file: HTTP,
    sentence: /: expected an answer from http:.+ within 5000 ms, got Response does not match the HTTP/,
  },
  {
    name: "floods",
    within: "5s",
    file: { ready: "output:^listening" },
    sentence: /: expected a line that matches \/\^listening\/u? within 5000 ms, got none\n/,
    quoted: /\n {4}x{399}…\n/,
  },
];

for (const { name, within, file = {}, sentence, quoted } of STARTS) {
  const how = file.ready ? ` when ${file.ready} is waited for` : "";
  test(`a target that ${name}${how} leaves it open`, { skip }, async (t) => {
    const words = targetWords(temporaryFolder(t), name, file);
    const { code, report, markdown } = await soak(t, [...words, "--target-ready-within", within]);
    assert.deepEqual([code, report.verdict.kind], [3, "inconclusive"], explain(report));
    assert.match(report.verdict.sentence, sentence);
    assert.ok(report.verdict.sentence.length < 20_000);
    if (quoted) assert.match(markdown, quoted);
  });
}

for (const [name, how, said] of [
  ["dies under load", "it ended with exit code 3", ', saying "Error: out of cheese"'],
  ["dies by a signal", "SIGSEGV killed it", ""],
] as const) {
  test(`a target that ${name} fails, and its death comes first`, { skip }, async (t) => {
    const { code, report, markdown } = await soak(t, targetWords(temporaryFolder(t), name));
    assert.equal(code, 1, explain(report));
    const sentence = `Not so: the target stayed alive: ${how} during load${said}, limit alive to the end`;
    assert.ok(report.verdict.sentence.startsWith(sentence), report.verdict.sentence);
    assert.equal(report.target?.died?.during, "load");
    if (said) assert.match(markdown, /Its last words:\n[^#]*\n {4}Error: out of cheese\n +at the shop\n/);
  });
}

test("a target that somebody else started and that ends under load fails, without a word of how", {
  skip,
}, async (t) => {
  const port = await findFreePort();
  const program = `const port = ${port}; let seen = 0; ${SERVERS["dies under load"]}`;
  const child = spawn(process.execPath, ["-e", program], { stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
  await once(child, "spawn");
  const { code, report } = await soak(t, [
    "--target-pid",
    String(child.pid),
    "--target-url",
    `tcp://127.0.0.1:${port}`,
  ]);
  assert.equal(code, 1, explain(report));
  assert.match(report.verdict.sentence, /^Not so: the target stayed alive: it ended during load, /);
});

test("a target that answers garbage to its first client leaves it open, and is told what they got", {
  skip,
}, async (t) => {
  const file = { url: "ws://127.0.0.1:{port}/" };
  const { code, report } = await soak(t, targetWords(temporaryFolder(t), "answers garbage", file));
  assert.equal(code, 3, explain(report));
  const told =
    /^The load cannot reach answers garbage: .+, got no WebSocket: invalid answer: .+; see --target-url/;
  assert.ok("sentence" in report.verdict);
  assert.match(report.verdict.sentence, told);
});

test("a target that floods its output is judged all the same, and its report stays small", {
  skip,
}, async (t) => {
  const { stdout, report } = await soak(t, targetWords(temporaryFolder(t), "floods"));
  assert.match(report.verdict.kind, /^(pass|inconclusive)$/, explain(report));
  assert.equal(report.target?.died, null);
  assert.ok(stdout.length < 200_000, `${stdout.length} characters`);
  const lines = report.target?.lastLines ?? [];
  assert.ok(lines.length > 0 && lines.every((line) => /^x+…?$/.test(line) && line.length <= 400));
});

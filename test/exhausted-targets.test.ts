/** Exhaustion with a target: beside it, did it live, answer and recover; and of its own descriptors, does it survive their end. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { Report } from "../lib/report/report.ts";
import { GROUPS, targetSentences } from "../lib/scenario/sentences.ts";
import { findFreePort } from "../lib/target/free-port.ts";
import { explain, PATIENT, parseReport, quietVolume, run, skipReason, temporaryFolder } from "./command.ts";
import { lookFor } from "./installed.ts";
import { SERVERS, targetWords } from "./made-up-target.ts";
import { listRuns } from "./remains.ts";

const skip = skipReason(process.platform === "linux" ? null : "needs /proc");
/** Few samples: a machine where others work too must not make a run untrustworthy. */
const SHORT = ["--smoke", "--json", "--interval", "500ms", "--target-settle", "1s"];

async function exhaust(t: TestContext, name: string, words: readonly string[]) {
  const out = temporaryFolder(t);
  const environment = { ...PATIENT, PROOFLOAD_DIR: quietVolume(t) };
  const ended = await run(`scripts/${name}.ts`, [...SHORT, ...words, "--out", out], undefined, environment);
  const report = parseReport(ended);
  assert.equal(ended.code, report.exitCode);
  const [newest = ""] = listRuns(out, name);
  return { report, markdown: readFileSync(join(out, name, newest, "report.md"), "utf8") };
}

const find = ({ findings }: Report, start: string) =>
  findings.find(({ sentence }) => sentence.startsWith(start)) ?? assert.fail(`There is no "${start}"`);

for (const [name, words] of [
  ["disk-exhaustion", ["--limit", "16MiB", "--hold", "200ms"]],
  ["memory-exhaustion", ["--limit", "256MiB", "--levels", "85%", "--settle", "2s"]],
] as const) {
  test(`${name} says of a target beside it whether it lived, answered and recovered`, { skip }, async (t) => {
    const { report, markdown } = await exhaust(t, name, [
      ...targetWords(temporaryFolder(t), "healthy"),
      ...words,
    ]);
    assert.match(report.verdict.kind, /^(pass|inconclusive)$/, explain(report));
    const told = report.findings.map(({ sentence }) => sentence);
    const promised = GROUPS.flatMap(targetSentences).filter((sentence) => !/\d/.test(sentence));
    for (const sentence of promised) assert.ok(told.includes(sentence), sentence);
    for (const start of ["the target stayed alive", "the target answered afterwards", "the target stopped"])
      assert.equal(find(report, start).outcome, "held", explain(report));
    assert.equal(report.target?.died, null);
    assert.match(markdown, /\n## Target\n\nhealthy · .+ · up after /);
    const help = (await run(`scripts/${name}.ts`, ["--help"])).stdout;
    assert.match(help, /And of the target, if there is one:\n- the target stayed alive\n/);
  });
}

test("a target that dies beside an exhausted box fails the run, and does not inherit that we die first", {
  skip,
}, async (t) => {
  const own = readFileSync("/proc/self/oom_score_adj", "utf8").trim();
  const words = [...targetWords(temporaryFolder(t), "dies under load"), "--hold", "20s"];
  const { report } = await exhaust(t, "disk-exhaustion", [...words, "--limit", "16MiB"]);
  assert.equal(report.verdict.kind, "fail", explain(report));
  assert.match(
    report.verdict.sentence,
    /^Not so: the target stayed alive: it ended with exit code 3 during /,
  );
  assert.ok(report.target?.lastLines.includes(`oom_score_adj ${own}`), report.target?.lastLines.join("\n"));
});

describe("descriptor-exhaustion of a target", { skip }, () => {
  const name = "descriptor-exhaustion";
  const reached = "the target's descriptors reached its own limit less";

  test("sees a healthy one at its limit, and well again", async (t) => {
    const words = [...targetWords(temporaryFolder(t), "healthy"), "--target-descriptors", "128"];
    const { report } = await exhaust(t, name, words);
    assert.equal(report.verdict.kind, "pass", explain(report));
    const finding = find(report, reached);
    assert.ok("value" in finding && (finding.value ?? 0) >= 120, explain(report));
    assert.ok("evidence" in finding && finding.evidence.some((line) => /of the 128 that pid \d+/.test(line)));
    assert.equal(find(report, "the target served a new connection").outcome, "held");
    assert.equal(find(report, "the target was never without an answer").outcome, "skipped");
  });

  test("leaves redis, which keeps a reserve and refuses the others, its pass", {
    skip: skipReason(lookFor("redis-server")),
  }, async (t) => {
    const { report } = await exhaust(t, name, ["--target", "targets/redis.json"]);
    assert.equal(report.verdict.kind, "pass", explain(report));
  });

  test("brings WebSocket clients to the hub, and silent ones above its cap", async (t) => {
    const { report } = await exhaust(t, name, ["--target", "targets/hub.json", "--settle", "5s"]);
    assert.equal(report.verdict.kind, "pass", explain(report));
    const finding = find(report, reached);
    const evidence = "evidence" in finding ? finding.evidence.join("\n") : "";
    assert.match(evidence, /^held: 100 WebSocket clients and \d+ connections that said nothing$/m);
  });

  test("fails one that does not expect EMFILE, and quotes it", async (t) => {
    const { report } = await exhaust(t, name, targetWords(temporaryFolder(t), "dies without descriptors"));
    assert.equal(report.verdict.kind, "fail", explain(report));
    const sentence =
      /^Not so: the target stayed alive: .+ during load, saying "Error: EMFILE: too many open files/;
    assert.match(report.verdict.sentence, sentence);
  });

  test("fails one that never closes, and names what stayed", async (t) => {
    const { report } = await exhaust(t, name, targetWords(temporaryFolder(t), "keeps descriptors"));
    assert.equal(report.verdict.kind, "fail", explain(report));
    const finding = find(report, "at most 8 of its descriptors did not come back");
    assert.equal(finding.outcome, "broken");
    assert.ok(
      "evidence" in finding && finding.evidence.some((line) => /^\d{3} × socket .+ CLOSE_WAIT/.test(line)),
    );
  });

  test("takes one that runs already to its own limit, and leaves it running", async (t) => {
    const port = await findFreePort();
    const program = `const port = ${port}; ${SERVERS.healthy}`;
    const limited = ["-c", 'ulimit -n 128; exec "$0" -e "$1"', process.execPath, program];
    const server = spawn("sh", limited, { stdio: "ignore" });
    t.after(() => server.kill("SIGKILL"));
    await once(server, "spawn");
    const words = ["--target-pid", String(server.pid), "--target-url", `tcp://127.0.0.1:${port}`];
    const { report } = await exhaust(t, name, words);
    assert.equal(report.verdict.kind, "pass", explain(report));
    assert.equal(find(report, "the target stopped").outcome, "skipped");
    assert.deepEqual([server.exitCode, server.signalCode], [null, null]);
  });
});

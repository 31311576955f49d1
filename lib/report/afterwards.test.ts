/** What follows a run: each part is tried, none can spoil another, and a monitor hears how it went over real HTTP. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { announce, finishUp } from "./afterwards.ts";
import { madeUpFinding, madeUpReport } from "./fixtures/made-up.ts";
import type { Verdict } from "./report.ts";

const WISHES = { keep: 30, keepBytes: 2 ** 30, junit: null, prom: null, ping: null };

function leaveRun(t: TestContext, verdict: Verdict = { kind: "pass", sentence: "All held." }) {
  const out = mkdtempSync(join(tmpdir(), "afterwards-test-"));
  t.after(() => rmSync(out, { recursive: true }));
  const run = join(out, "made-up", "2026-01-02T03-04-05Z");
  mkdirSync(run, { recursive: true });
  const report = madeUpReport({
    verdict,
    exitCode: verdict.kind === "pass" ? 0 : 1,
    findings: [madeUpFinding("broken")],
  });
  writeFileSync(join(run, "report.json"), JSON.stringify(report));
  return { out, run, report, summary: "in short" };
}

/** What was told on stderr meanwhile. */
async function heard(t: TestContext, act: () => Promise<void>): Promise<string[]> {
  const mock = t.mock.method(console, "error", () => {});
  await act();
  mock.mock.restore();
  return mock.mock.calls.map(({ arguments: [line] }) => String(line));
}

async function startMonitor(t: TestContext, status = 200) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    asked.push(`${request.method} ${request.url} ${Buffer.concat(chunks)}`.trim());
    response.writeHead(status).end("OK");
  }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`, asked };
}

test("announce() and finishUp() tell a monitor the start, a pass, and a failure by its exit code", async (t) => {
  const { url, asked } = await startMonitor(t);
  const wishes = { ...WISHES, ping: url };
  await announce(wishes);
  await finishUp({ ...leaveRun(t), wishes });
  await finishUp({ ...leaveRun(t, { kind: "fail", sentence: "Not so." }), wishes });
  assert.deepEqual(asked, ["POST /secret/start", "POST /secret in short", "POST /secret/1 in short"]);
});

test("announce() says that a monitor refuses or is not there, and not what its URL is", async (t) => {
  const { url } = await startMonitor(t, 503);
  const told = await heard(t, () => announce({ ping: url }));
  assert.match(told.join(), /^Cannot ping http:\/\/127\.0\.0\.1:\d+: expected HTTP 200, got 503$/);
  const gone = await heard(t, () => announce({ ping: "http://127.0.0.1:1/secret" }));
  assert.match(gone.join(), /^Cannot ping http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
});

test("finishUp() writes files for machines and the index, and says what it cannot write", async (t) => {
  const ending = leaveRun(t);
  const { out } = ending;
  const wishes = { ...WISHES, junit: join(out, "junit.xml"), prom: join(out, "none", "x.prom") };
  const told = await heard(t, () => finishUp({ ...ending, wishes }));
  assert.match(told.join("\n"), /^Cannot write --prom: ENOENT[^\n]+$/);
  assert.match(readFileSync(join(out, "junit.xml"), "utf8"), /^<\?xml/);
  assert.match(readFileSync(join(out, "index.html"), "utf8"), /made-up/);
});

test("finishUp() gives GitHub annotations and the job's summary, and nobody else", async (t) => {
  const ending = leaveRun(t, { kind: "fail", sentence: "Not so." });
  const summary = join(ending.out, "summary.md");
  writeFileSync(summary, "before\n");
  const withEnvironment = async (environment: Record<string, string>) => {
    const before = { ...process.env };
    Object.assign(process.env, environment);
    try {
      return await heard(t, () => finishUp({ ...ending, wishes: WISHES }));
    } finally {
      process.env = before;
    }
  };
  const nobody = { GITHUB_ACTIONS: "", GITHUB_STEP_SUMMARY: summary };
  assert.deepEqual(await withEnvironment(nobody), []);
  const told = await withEnvironment({ ...nobody, GITHUB_ACTIONS: "true" });
  assert.match(
    told.join("\n"),
    /^::error title=made-up%3A fail::Not so\.\n::error title=made-up%3A broken::/,
  );
  assert.match(readFileSync(summary, "utf8"), /^before\n# ❌ FAIL made-up/);
});

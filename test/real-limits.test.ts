/** What real servers do at their limit of connections comes out right: nginx holds it and says 503, mosquitto does not for WebSockets. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { explain, PATIENT, parseReport, ROOT, run, skipReason, temporaryFolder } from "./command.ts";
import { lookFor, lookForModule } from "./installed.ts";

const skip = (missing: string | null) => skipReason(process.platform === "linux" ? missing : "needs /proc");

test("nginx lets 50 in, never more, and tells the others: HTTP 503", {
  skip: skip(lookFor("nginx") ?? lookForModule("websockets")),
}, async (t) => {
  const report = await climb(t, ["--target", join(ROOT, "targets/nginx-limit.json")]);
  assert.equal(report.verdict.kind, "pass", explain(report));
  const reached = report.findings.find(({ sentence }) => sentence.startsWith("the limit is reached"));
  assert.ok(reached && "evidence" in reached, JSON.stringify(reached));
  assert.match(reached.evidence.join("\n"), /^burst: 50 of 110 in at a time.*60 × HTTP 503$/m);
});

test("mosquitto lets everybody in, whatever its max_connections: that is a fail, not a limit", {
  skip: skip(lookFor("mosquitto")),
}, async (t) => {
  const file = JSON.parse(readFileSync(join(ROOT, "targets/mosquitto.json"), "utf8"));
  const config = "mosquitto.conf";
  const limited = `${file.files[config]}max_connections 50\n`;
  const path = join(temporaryFolder(t), "mosquitto.json");
  writeFileSync(path, JSON.stringify({ ...file, options: {}, files: { [config]: limited } }));
  const words = ["--target", path, "--protocol", "mqtt", "--limit", "50", "--most", "60"];
  const report = await climb(t, words);
  assert.equal(report.verdict.kind, "fail", explain(report));
  const broken = report.findings.filter(({ outcome }) => outcome === "broken");
  assert.deepEqual(
    broken.map((finding) => [finding.sentence, "measured" in finding && finding.measured]),
    [["never more than the limit are in at a time", "60"]],
  );
});

async function climb(t: TestContext, words: readonly string[]) {
  const own = ["--smoke", "--json", "--out", temporaryFolder(t)];
  return parseReport(await run("scripts/connection-limit.ts", [...own, ...words], undefined, PATIENT));
}

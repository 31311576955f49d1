/** Servers that hang are told as an outage, though their kernel goes on accepting connections for them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { describeProcess } from "../lib/target/process-tree.ts";
import { explain, PATIENT, parseReport, skipReason, temporaryFolder } from "./command.ts";
import { lookFor, lookForModule } from "./installed.ts";
import { pidOf, startLong } from "./long-run.ts";
import { findDescendants } from "./remains.ts";

const OUTAGE = "the target was never without an answer for more than 1 s";
/** An outage of a second has to be seen, however late the first question after the stop is. */
const STOPPED_MS = 2500;

const SERVERS = {
  redis: { process: /redis-server/, missing: () => lookFor("redis-server") },
  "python-websockets": { process: /python-websockets\.py/, missing: () => lookForModule("websockets") },
};

for (const [name, { process: pattern, missing }] of Object.entries(SERVERS)) {
  test(`idle-soak tells that a stopped ${name} answered nobody`, {
    skip: skipReason(process.platform === "linux" ? missing() : "needs /proc"),
  }, async (t) => {
    const out = temporaryFolder(t);
    const words = ["--target", `targets/${name}.json`, "--duration", "5s", "--target-max-outage", "1s"];
    const soak = startLong(t, "scripts/idle-soak.ts", [...words, "--json", "--out", out], undefined, PATIENT);
    await soak.said(/^idle-soak: load/m);
    const [server] = findDescendants(pidOf(soak)).filter(({ pid }) => pattern.test(describeProcess(pid)));
    assert.ok(server, "it was not found");
    process.kill(server.pid, "SIGSTOP");
    await delay(STOPPED_MS);
    process.kill(server.pid, "SIGCONT");
    const report = parseReport(await soak.ended);
    const finding = report.findings.find(({ sentence }) => sentence === OUTAGE);
    assert.equal(finding?.outcome, "broken", explain(report));
    const { underLoad, afterwards } = report.target?.health ?? {};
    assert.ok(underLoad && underLoad.longestOutageMs > 1000 && underLoad.longestOutageMs < 4000);
    assert.deepEqual([underLoad.by, afterwards?.failed], [name === "redis" ? "close" : "answer", 0]);
  });
}

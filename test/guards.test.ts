/** A load that endangers the box is ended: by the guard, before the kernel, whose first victim we are. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { mountTmpfs } from "../lib/host/fixtures/tmpfs.ts";
import type { Report } from "../lib/report/report.ts";
import { discoverScenarios } from "../lib/scenario/discover.ts";
import { MIB } from "../lib/units.ts";
import { explain, parseReport, QUICKEST, RUNTIMES, run, skipReason, temporaryFolder } from "./command.ts";
import { useEngine } from "./engine/for-tests.ts";
import { pidOf, startLong } from "./long-run.ts";
import { cannotMount, readNewest } from "./remains.ts";

const scenarios = await discoverScenarios(new URL("../scripts/", import.meta.url));
useEngine();
const HOLD_MS = 60_000;

/** A guard that fired is never a pass, and no fail of what was loaded: nothing was proven either way. */
function assertGuarded(report: Report, why: RegExp): void {
  assert.match(report.guard ?? "silent", why);
  assert.equal(report.verdict.kind, "inconclusive", explain(report));
  const finding = report.findings.find(({ sentence }) => sentence === "no guard had to end the load");
  assert.ok(finding && "evidence" in finding && finding.outcome === "broken", explain(report));
  assert.deepEqual(finding.evidence, [report.guard]);
  for (const { name, startMs, endMs } of report.phases)
    assert.ok((endMs ?? Infinity) - startMs < HOLD_MS, `${name} was not cut short`);
  for (const { stressor, forced, died } of report.loads) assert.deepEqual([forced, died], [0, []], stressor);
}

describe("when too little memory is available, the guard ends the load", () => {
  for (const { name, scenario } of scenarios) {
    test(`of ${name}`, async (t) => {
      const out = temporaryFolder(t);
      const hold = "hold" in scenario.options ? ["--hold", `${HOLD_MS}ms`] : [];
      // there is always less of it available than there is
      // whether others keep the processors busy is not the question here
      const calm = "calmBelow" in scenario.options ? ["--calm-below", "100%"] : [];
      const words = ["--smoke", "--json", "--out", out, "--min-memory-available", "100%", ...hold, ...calm];
      const report = parseReport(await run(`scripts/${name}.ts`, words, QUICKEST, scenario.environment));
      assertGuarded(report, /^memory available fell to .+, below the floor of .+$/);
      // it fired at the first sample, so nothing was taken
      for (const { stressor, held } of report.loads) assert.equal(held, 0, stressor);
    });
  }
});

test("when a volume gets too full, the guard ends the load in its midst", {
  skip: skipReason(cannotMount),
}, async (t) => {
  const volume = mountTmpfs(t, "size=256m");
  if (!volume) return;
  const words = ["--limit", "200MiB", "--min-disk-free", "128MiB", "--hold", `${HOLD_MS}ms`];
  const out = temporaryFolder(t);
  const all = ["--smoke", "--json", "--out", out, "--dir", volume, ...words];
  const report = parseReport(await run("scripts/disk-exhaustion.ts", all));
  assertGuarded(report, /^free disk space fell to .+, below the floor of 128 MiB$/);
  const free = readNewest(out, "disk-exhaustion").samples.map(({ gauges }) => gauges.diskFreeBytes ?? 0);
  assert.ok((free[0] ?? 0) > 200 * MIB && Math.min(...free) < 128 * MIB && (free.at(-1) ?? 0) > 200 * MIB);
  assert.deepEqual(readdirSync(volume), []);
});

test("the disk guard is silent where filling the volume is the point, and elsewhere above its floor", {
  skip: skipReason(cannotMount),
}, async (t) => {
  const volume = mountTmpfs(t, "size=64m");
  if (!volume) return;
  const common = ["--smoke", "--json", "--dir", volume, "--out", temporaryFolder(t)];
  for (const words of [["--to-enospc"], ["--limit", "16MiB", "--min-disk-free", "32MiB"]]) {
    const report = parseReport(await run("scripts/disk-exhaustion.ts", [...common, ...words]));
    assert.equal(report.guard, null);
    assert.equal(report.verdict.kind, "pass", explain(report));
  }
});

for (const runtime of RUNTIMES) {
  const skip = skipReason(runtime.missing);
  test(`a run is the kernel's first victim while it lasts, on ${runtime.name}`, { skip }, async (t) => {
    const out = temporaryFolder(t);
    const running = startLong(t, "scripts/memory-exhaustion.ts", ["--smoke", "--out", out], runtime);
    await running.said(/: baseline/);
    assert.equal(readFileSync(`/proc/${pidOf(running)}/oom_score_adj`, "utf8"), "1000\n");
    assert.equal(readNewest(out, "memory-exhaustion").report.process.oomScoreAdj, 1000);
  });
}

test("a plan says how long it takes and the most that it takes, shrunk to its budget, and takes nothing", async (t) => {
  const out = join(temporaryFolder(t), "reports");
  const words = ["--dry-run", "--out", out, "--limit", "512MiB", "--levels", "50%,75%"];
  const full = await run("scripts/memory-exhaustion.ts", [...words, "--hold", "100s"]);
  assert.match(full.stdout, /^Plan:\n {2}- take memory up to 50 % of 512 MiB, and hold it\n/);
  assert.match(full.stdout, /\nTakes about 3 min 3\d s, and at most 384 MiB of memory\.\n$/);
  const shrunk = await run("scripts/memory-exhaustion.ts", [...words, "--budget", "20s"]);
  assert.match(shrunk.stdout, /\nTakes about 17 s, and at most 384 MiB of memory\.\n$/);
  for (const { code, stderr } of [full, shrunk]) assert.deepEqual([code, stderr], [0, ""]);
  assert.throws(() => readdirSync(out), { code: "ENOENT" });
});

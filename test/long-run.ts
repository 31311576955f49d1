/** Runs that are held where a test can hit them, and what has to follow when one was killed. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { parseReport, type Running, run, start } from "./command.ts";
import { readNewest } from "./remains.ts";

/** Starts a program of this repository, and ends it with the test whatever happens. */
export function startLong(t: TestContext, ...started: Parameters<typeof start>): Running {
  const running = start(...started);
  t.after(() => running.child.kill("SIGKILL"));
  return running;
}

export function pidOf({ child }: Running): number {
  assert.ok(child.pid);
  return child.pid;
}

/** Runs another scenario on the same reports folder, which has to finish this one's killed run. */
export async function finishNext(out: string, name: string) {
  const killed = readNewest(out, name);
  assert.equal(killed.report.verdict.kind, "unfinished");
  const next = await run("scripts/limits-audit.ts", ["--json", "--out", out]);
  assert.match(
    next.stderr,
    new RegExp(`^Finished an earlier run, ${name}/${killed.report.run}: Killed `, "m"),
  );
  const { report, samples } = readNewest(out, name);
  assert.deepEqual([report.verdict.kind, report.exitCode], ["error", 70]);
  assert.deepEqual(samples, killed.samples);
  assert.ok(!existsSync(join(out, name, ".lock.json")));
  const latest = JSON.parse(readFileSync(join(out, "latest.json"), "utf8"));
  assert.equal(latest.run, `limits-audit/${parseReport(next).run}`);
  return { report, samples };
}

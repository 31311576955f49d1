/** No run is lost: who interrupts it gets a report, and who comes second is told. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { needEngine } from "../lib/engine/need-engine.ts";
import { discoverScenarios } from "../lib/scenario/discover.ts";
import { explain, parseReport, RUNTIMES, type Running, run, skipReason, temporaryFolder } from "./command.ts";
import { useEngine } from "./engine/for-tests.ts";
import { pidOf, startLong } from "./long-run.ts";
import { allEnded, findDescendants, findTemporaries, listRuns, readNewest } from "./remains.ts";

const scenarios = await discoverScenarios(new URL("../scripts/", import.meta.url));
useEngine();
const CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Nothing else has any in this engine. */
async function listContainers(): Promise<readonly string[]> {
  const { engine } = await needEngine(process.env);
  try {
    return await engine.all();
  } finally {
    await engine.close();
  }
}

/** Interrupts it, and holds it to what an interrupted run promises. */
async function interrupt(running: Running, name: string, signal: keyof typeof CODES, out: string) {
  const pid = pidOf(running);
  const below = findDescendants(pid);
  running.child.kill(signal);
  const ended = await running.ended;
  assert.deepEqual([ended.code, ended.signal], [CODES[signal], null], ended.stderr);
  const { report, samples } = readNewest(out, name);
  assert.deepEqual(parseReport(ended), report);
  assert.equal(report.verdict.kind, "interrupted", explain(report));
  assert.deepEqual(report.notes, []);
  const phase = report.phases.at(-1)?.name;
  assert.equal(report.verdict.sentence, `Interrupted by ${signal} during ${phase}.`);
  assert.ok(samples.some((sample) => sample.phase === phase));
  assert.ok(samples.length >= (report.sampling?.taken ?? Infinity));
  assert.equal(JSON.parse(readFileSync(join(out, "latest.json"), "utf8")).verdict, "interrupted");
  assert.deepEqual(findTemporaries(pid, out), []);
  assert.ok(!existsSync(join(out, name, ".lock.json")));
  await allEnded(below);
  return phase;
}

describe("an interrupted run reports, and leaves the box as it was", () => {
  for (const [index, { name, scenario }] of scenarios.entries()) {
    const signal = index % 2 === 0 ? "SIGINT" : "SIGTERM";
    test(`${name}, by ${signal}`, async (t) => {
      const out = temporaryFolder(t);
      const hold = "hold" in scenario.options ? ["--hold", "30s"] : [];
      const dir = "dir" in scenario.options ? ["--dir", out] : [];
      const running = startLong(t, `scripts/${name}.ts`, [
        "--smoke",
        "--json",
        "--out",
        out,
        ...hold,
        ...dir,
      ]);
      const wanted = scenario.group === "audit" ? /: baseline/ : hold.length > 0 ? /: hold/ : /: load(?! by)/;
      await running.said(wanted);
      const phase = await interrupt(running, name, signal, out);
      assert.match(`: ${phase}`, wanted);
      if (scenario.group === "containers") assert.deepEqual(await listContainers(), []);
    });
  }

  for (const runtime of RUNTIMES.slice(1)) {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      test(`by ${signal} on ${runtime.name}`, { skip: skipReason(runtime.missing) }, async (t) => {
        const out = temporaryFolder(t);
        const words = ["--json", "--out", out, "--hold", "30s"];
        const running = startLong(t, "scripts/descriptor-exhaustion.ts", ["--smoke", ...words], runtime);
        await running.said(/: hold/);
        await interrupt(running, "descriptor-exhaustion", signal, out);
      });
    }
  }
});

test("a second run of the same scenario is refused while the first one runs, and told who runs", async (t) => {
  const out = temporaryFolder(t);
  const name = "descriptor-exhaustion";
  const first = startLong(t, `scripts/${name}.ts`, ["--smoke", "--json", "--out", out, "--hold", "30s"]);
  await first.said(/: hold/);
  const second = await run(`scripts/${name}.ts`, ["--smoke", "--out", out]);
  assert.equal(second.code, 75);
  const line = new RegExp(
    `^Cannot run ${name}: process ${pidOf(first)} on .+ has been running it since .+\n$`,
  );
  assert.match(second.stderr, line);
  assert.equal(second.stdout, "");
  await interrupt(first, name, "SIGINT", out);
  assert.equal(listRuns(out, name).length, 1);
});

/** Every scenario, on every runtime: a smoke run that leaves a whole report. A new scenario needs no new test. Needs the box to itself. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { reportSchema } from "../lib/report/report.ts";
import { exitCodeOf } from "../lib/report/verdict.ts";
import { type Discovered, discoverScenarios } from "../lib/scenario/discover.ts";
import { QUIET } from "../lib/scenario/trial-sizes.ts";
import { ALL_FAULTS } from "../targets/faults.ts";
import {
  explain,
  PATIENT,
  parseReport,
  quietVolume,
  RUNTIMES,
  type Runtime,
  run,
  skipReason,
  temporaryFolder,
} from "./command.ts";
import { useEngine } from "./engine/for-tests.ts";

/** What they take, or count, is the whole box's, so that another runtime would be in their way: the kernel's OOM kills for one. */
const NEEDS_THE_BOX = [
  ...["combined-exhaustion", "cpu-saturation"],
  ...["memory-concurrency", "memory-exhaustion", "memory-limit"],
];

const scenarios = await discoverScenarios(new URL("../scripts/", import.meta.url));
useEngine();

/** What exhausts the box, and what measures how late messages are, can bear no other beside it. */
const isAlone = ({ name, scenario }: Discovered) => scenario.group === "exhaustion" || QUIET.has(name);

/** The gate's fault matrix runs on Node 24 in the same size, healthy ones too. */
const isSeenElsewhere = (name: string, runtime: Runtime) =>
  runtime.name === "node 24" && Object.values(ALL_FAULTS).some(({ scenario }) => scenario === name);
/** By scenario, how its runs ended. */
const verdicts = new Map<string, string[]>(scenarios.map(({ name }) => [name, []]));

for (const one of scenarios.filter(isAlone)) conforms(one);
describe("those that bear others beside them", { concurrency: 2 }, () => {
  for (const one of scenarios.filter((one) => !isAlone(one))) conforms(one);
});
describe("each passes where the machine lets it", () => {
  for (const one of scenarios)
    test(one.name, async (t) => {
      const seen = verdicts.get(one.name) ?? [];
      // those beside it may have spoilt its load: once more, alone
      if (!seen.includes("pass")) seen.push(await runSmoke(t, one, RUNTIMES[0]));
      assert.ok(seen.includes("pass"), seen.join(", "));
    });
});

function conforms(one: Discovered): void {
  const { name } = one;
  describe(`${name} runs in its smoke size`, {
    concurrency: !(NEEDS_THE_BOX.includes(name) || QUIET.has(name)),
  }, () => {
    for (const runtime of RUNTIMES.filter((one) => !isSeenElsewhere(name, one))) {
      test(`on ${runtime.name}`, { skip: skipReason(runtime.missing) }, async (t) => {
        verdicts.get(name)?.push(await runSmoke(t, one, runtime));
      });
    }
  });
}

/** Answers how it ended, its report looked through. */
async function runSmoke(t: TestContext, { name, scenario }: Discovered, runtime: Runtime): Promise<string> {
  const out = temporaryFolder(t);
  const words = ["--smoke", "--json", "--out", out, "--interval", "100ms"];
  const ended = await run(`scripts/${name}.ts`, words, runtime, {
    ...scenario.environment,
    ...PATIENT,
    PROOFLOAD_DIR: quietVolume(t),
  });
  const report = parseReport(ended);
  assert.equal(ended.code, exitCodeOf(report.verdict));
  // what only Node can tell is skipped elsewhere, and said
  if (runtime.name === "deno" && /needs Node/.test(report.verdict.sentence)) return "skipped";
  // what a noisy machine can do is spoil the load; it cannot make a healthy box fail
  assert.match(report.verdict.kind, /^(pass|inconclusive)$/, explain(report));
  if (report.verdict.kind !== "pass") t.diagnostic(explain(report));
  const saved = join(out, name, report.run);
  assert.deepEqual(reportSchema.parse(JSON.parse(readFileSync(join(saved, "report.json"), "utf8"))), report);
  assert.match(readFileSync(join(saved, "report.md"), "utf8"), /^# .+\n/);
  const page = readFileSync(join(saved, "report.html"), "utf8");
  assert.match(page, /^<!doctype html>\n.+<\/html>\n$/s);
  assert.ok(page.length < 200_000, `${page.length} characters`);
  const samples = readFileSync(join(saved, "samples.ndjson"), "utf8").trimEnd().split("\n");
  assert.ok(samples.length >= (report.sampling?.taken ?? Infinity), `${samples.length} samples`);
  for (const line of samples) JSON.parse(line);
  assert.equal(JSON.parse(readFileSync(join(out, "latest.json"), "utf8")).run, `${name}/${report.run}`);
  return report.verdict.kind;
}

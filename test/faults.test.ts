/** Every scenario is seen to catch a fault planted in it: green runs mean something. Needs the box to itself. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpus } from "node:os";
import { describe, type TestContext, test } from "node:test";
import type { Verdict } from "../lib/report/report.ts";
import { discoverScenarios } from "../lib/scenario/discover.ts";
import { ALL_FAULTS } from "../targets/faults.ts";
import { explain, parseReport, quietVolume, run, temporaryFolder } from "./command.ts";

const scenarios = await discoverScenarios(new URL("../scripts/", import.meta.url));

interface Expected {
  readonly kind: Verdict["kind"];
  /** What the sentence of a finding that did not hold has to say. */
  readonly because: RegExp;
}

const UNLOADED: Expected = { kind: "inconclusive", because: /./ };
const FORCED: Expected = { kind: "fail", because: /every stressor let go when it was asked to/ };
const STALLED: Expected = { kind: "fail", because: /the event loop answered/ };
const kept = (because: RegExp): Expected => ({ kind: "fail", because });

/**
 * What each planted fault must lead to; see faults/plant.ts for what they do. deaf and stall are caught by the standard
 * invariants, in every scenario alike: some are enough.
 */
const MATRIX: Record<string, Record<string, Expected>> = {
  "combined-exhaustion": { idle: UNLOADED, keep: kept(/gave back what they took/) },
  "cpu-saturation": { idle: UNLOADED, stall: STALLED, keep: kept(/the processors were below/) },
  "descriptor-exhaustion": { idle: UNLOADED, deaf: FORCED, stall: STALLED, keep: kept(/did not come back/) },
  "disk-exhaustion": { idle: UNLOADED, deaf: FORCED, keep: kept(/of the space came back/) },
  "memory-concurrency": { idle: UNLOADED, keep: kept(/kept for each worker/) },
  "memory-exhaustion": { idle: UNLOADED, keep: kept(/of the memory taken remained/) },
  "memory-fragmentation": { idle: UNLOADED, keep: kept(/later rounds could not use/) },
  "memory-limit": { idle: UNLOADED, deaf: FORCED },
  // it loads nothing: its faults are limits, below
  "limits-audit": {},
};

/** One level shows a fault as well as three do. */
const SMALLER: Record<string, readonly string[]> = {
  "cpu-saturation": ["--levels", "100%"],
  "memory-exhaustion": ["--levels", "60%"],
};

test("every scenario has its planted faults", () => {
  // those that load a server or read code have theirs in what they load or read: whole-matrix.test.ts shows each
  const elsewhere = Object.values(ALL_FAULTS).map(({ scenario }) => scenario);
  const planted = new Set([...Object.keys(MATRIX), ...elsewhere]);
  assert.deepEqual([...planted].sort(), scenarios.map(({ name }) => name).sort());
});

// where nothing is loaded nobody is in another's way
describe("a load that is none", { concurrency: 4 }, () => {
  for (const [name, { idle }] of Object.entries(MATRIX))
    if (idle) test(`of ${name} is told`, (t) => catches(t, name, "idle", idle));
});

test("cpu-saturation does not call processors that others keep busy its load", async (t) => {
  const others = cpus().map(() => spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
  t.after(() => others.map((other) => other.kill("SIGKILL")));
  await catches(t, "cpu-saturation", "idle", {
    kind: "inconclusive",
    because: /each level was achieved/,
  });
});

for (const [name, { idle: _, ...faults }] of Object.entries(MATRIX))
  describe(name, () => {
    for (const [fault, expected] of Object.entries(faults))
      test(`catches ${fault}`, (t) => catches(t, name, fault, expected));
  });

async function catches(t: TestContext, name: string, fault: string, expected: Expected): Promise<void> {
  const out = temporaryFolder(t);
  // a deaf thread is destroyed after the grace period: no need to wait for long
  // and what is kept never comes back
  const settle = "settle" in (scenarios.find((one) => one.name === name)?.scenario.options ?? {});
  const patience = ["--grace", "1s", ...(settle ? ["--settle", "1s"] : [])];
  const words = [name, fault, "--smoke", "--json", "--out", out, ...patience];
  const own = name === "disk-exhaustion" ? ["--dir", quietVolume(t)] : (SMALLER[name] ?? []);
  const report = parseReport(await run("test/faults/plant.ts", [...words, ...own]));
  assert.equal(report.verdict.kind, expected.kind, explain(report));
  const bad = report.findings.filter(({ outcome }) => outcome === "broken" || outcome === "unknown");
  assert.ok(
    bad.some(({ sentence }) => expected.because.test(sentence)),
    explain(report),
  );
  const forced = report.loads.reduce((sum, load) => sum + load.forced, 0);
  assert.equal(forced > 0, fault === "deaf", `${forced} forced`);
}

test("limits-audit fails a process that may open too few files", async (t) => {
  const out = temporaryFolder(t);
  const shell = { name: "prlimit", command: ["prlimit", "--nofile=256:256"], missing: null };
  const report = parseReport(await run("scripts/limits-audit.ts", ["--json", "--out", out], shell));
  assert.equal(report.verdict.kind, "fail", explain(report));
  const broken = report.findings.filter(({ outcome }) => outcome === "broken");
  assert.deepEqual(
    broken.map(({ sentence }) => sentence),
    ["at least 1024 files may be open"],
  );
});

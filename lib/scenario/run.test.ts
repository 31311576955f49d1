/** Whole runs of small scenarios on real threads, in a temporary reports folder: every way in which a run can end. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { identifyProcess } from "../host/process-identity.ts";
import { takeLock } from "../report/lock.ts";
import { type Report, reportSchema } from "../report/report.ts";
import type * as obey from "../stress/fixtures/obey.ts";
import type { AnyLoad } from "../stress/load.ts";
import { Interruption } from "./interruption.ts";
import { atLeast } from "./measure.ts";
import { prepareRun } from "./prepare.ts";
import { silentProgress } from "./progress.ts";
import { runScenario } from "./run.ts";
import { type Context, defineScenario, type Scenario } from "./scenario.ts";

type Steps = (context: Context<Record<never, never>>) => Promise<number | null>;

let out = "";
before(() => {
  out = mkdtempSync(join(tmpdir(), "run-test-"));
});
after(() => rmSync(out, { recursive: true }));

/** A scenario that does these steps, and is judged by the number that they answer: at least one. */
function madeUp(run: Steps, own: Partial<Scenario<Record<never, never>, number | null>> = {}) {
  return defineScenario({
    summary: "Made up.",
    group: "exhaustion",
    options: {},
    plan: () => ({ durationMs: 100, steps: [], peak: {} }),
    run,
    invariants: {
      applied: { "something was held": ({ evidence }) => atLeast(evidence, 1, "count") },
      held: {},
      recovered: {},
    },
    ...own,
  });
}

/** So long between two samples, and so patient, that a noisy box changes nothing. */
const WORDS = [
  "--interval",
  "30s",
  "--max-event-loop-delay",
  "60s",
  "--grace",
  "300ms",
  "--min-memory-available",
  "0",
];

async function run(name: string, scenario: ReturnType<typeof madeUp>, signal = new AbortController().signal) {
  const prepared = await prepareRun(name, scenario, ["--out", out, ...WORDS], {});
  if (prepared.kind !== "ready") throw new Error(JSON.stringify(prepared));
  const workerFile = (worker: string) => new URL(`../stress/fixtures/${worker}.ts`, import.meta.url);
  const told: string[] = [];
  const request = { name, scenario, prepared, workerFile, signal, observer: silentProgress };
  return runScenario({ ...request, tell: (line) => told.push(line) });
}

/** Runs it, and answers the report as it was written. */
async function report(name: string, steps: Steps, own: Parameters<typeof madeUp>[1] = {}): Promise<Report> {
  const result = await run(name, madeUp(steps, own));
  if (result.kind !== "ran") throw new Error(JSON.stringify(result));
  return reportSchema.parse(JSON.parse(readFileSync(join(result.path, "report.json"), "utf8")));
}

/** Takes with a worker of this name, holds, lets go. */
function holding(worker: string, amount = 3): Steps {
  return async ({ stress, phase }) => {
    const load = await stress<typeof obey>(worker, { unit: "count", tasks: [{ amount }] });
    await phase("load", { lastsMs: 100 }, () => load.acquire());
    await phase("hold", { lastsMs: 20 });
    const [outcome] = await phase("recovery", { lastsMs: 100 }, () => load.release());
    return outcome?.held ?? null;
  };
}

test("runScenario() passes a load that was there and let go, and writes everything down", async () => {
  const { verdict, exitCode, loads, phases, evidence } = await report("healthy", holding("obey"));
  assert.deepEqual([verdict, exitCode], [{ kind: "pass", sentence: "All 7 invariants held." }, 0]);
  assert.deepEqual(loads, [
    { stressor: "obey", unit: "count", asked: 3, held: 3, released: 1, forced: 0, died: [] },
  ]);
  assert.deepEqual([phases.map(({ name }) => name), evidence], [["load", "hold", "recovery"], 3]);
  assert.deepEqual(
    readdirSync(join(out, "healthy")).filter((name) => name.startsWith(".")),
    [],
  );
});

test("runScenario() fails a stressor that does not let go, and says forced", async () => {
  const { verdict, exitCode, loads } = await report("forced", holding("ignore-release"));
  assert.match(verdict.sentence, /^Not so: every stressor let go when it was asked to: 1 of 1 threads/);
  assert.deepEqual([verdict.kind, exitCode, loads[0]?.forced], ["fail", 1, 1]);
});

test("runScenario() is inconclusive about a load that was not there, or was not measured", async () => {
  const absent = await report("absent", holding("obey", 0));
  assert.deepEqual([absent.verdict.kind, absent.exitCode], ["inconclusive", 3]);
  assert.match(absent.verdict.sentence, /^The load was not really there: something was held/);
  const unknown = await report("unknown", async () => null);
  assert.equal(unknown.verdict.kind, "inconclusive");
});

test("runScenario() is inconclusive about a run that ended before its first sample", async () => {
  const { verdict, sampling } = await report("short", async () => 1);
  assert.deepEqual([verdict.kind, sampling?.taken], ["inconclusive", 0]);
  assert.match(verdict.sentence, /99 % of the samples/);
});

test("runScenario() calls it an error of ours when a scenario throws, lets its loads go and removes its folders", async () => {
  let made = "";
  let load: AnyLoad | undefined;
  const thrown = await report("throwing", async ({ stress, temporaryFolder }) => {
    made = temporaryFolder(out);
    assert.ok(existsSync(made));
    load = await stress<typeof obey>("obey", { unit: "count", tasks: [{ amount: 1 }] });
    throw new Error("planted");
  });
  assert.deepEqual([thrown.verdict.kind, thrown.exitCode], ["error", 70]);
  assert.match(thrown.verdict.sentence, /planted/);
  assert.equal(load?.outcomes[0]?.ended, "released");
  assert.equal(existsSync(made), false);
});

test("runScenario() reports an interruption, with the phase in which it came", async () => {
  const controller = new AbortController();
  const steps: Steps = async ({ phase }) => {
    const held = phase("hold", { lastsMs: 60_000 });
    controller.abort(new Interruption("SIGTERM"));
    await held;
    return 1;
  };
  const result = await run("interrupted", madeUp(steps), controller.signal);
  const { verdict, exitCode } = result.kind === "ran" ? result.report : assert.fail(result.kind);
  assert.deepEqual(verdict, {
    kind: "interrupted",
    signal: "SIGTERM",
    sentence: "Interrupted by SIGTERM during hold.",
  });
  assert.equal(exitCode, 143);
});

test("runScenario() skips what cannot run here, with the reason, and does not run it", async () => {
  const steps: Steps = () => assert.fail("it ran");
  const { verdict, exitCode } = await report("skipped", steps, { requires: () => "needs a moon" });
  assert.deepEqual([verdict.kind, exitCode], ["skipped", 77]);
  assert.match(verdict.sentence, /needs a moon/);
});

test("runScenario() answers who holds the lock, and leaves nothing behind", async () => {
  let inside: Awaited<ReturnType<typeof run>> | undefined;
  await report("twice", async () => {
    inside = await run(
      "twice",
      madeUp(async () => 1),
    );
    return 1;
  });
  assert.equal(inside?.kind === "locked" && inside.by.holder.pid, process.pid);
  assert.equal(readdirSync(join(out, "twice")).length, 1);
});

test("runScenario() finishes an earlier run that was killed, and takes its lock", async () => {
  const holder = { ...identifyProcess(), startTicks: 1 };
  const since = new Date().toISOString();
  await report("again", async () => 1);
  takeLock(join(out, "again"), { holder, since, run: "gone", temporary: [] });
  assert.equal((await report("again", holding("obey"))).exitCode, 0);
});

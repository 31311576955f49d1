/** From a command line to a run that can start: which target it names, and where the options beside it come from. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { hubSpec } from "../target/hub.ts";
import { duration } from "./number-options.ts";
import { type Plannable, prepareRun } from "./prepare.ts";
import type { TargetUse } from "./scenario.ts";

const options = {
  hold: duration({ default: "10s", smoke: "2s", help: "help" }),
  rest: duration({ default: "1s", help: "help" }),
};
type Made = typeof options;

function madeUp(target?: TargetUse<Made>): Plannable<Made> {
  const plan = () => ({ durationMs: 1000, steps: [], peak: {} });
  return { options, plan, ...(target && { target }) };
}

/** A target file with these fields, in a folder of the test's own: the words that name it. */
function targetFile(t: TestContext, fields: object): string[] {
  const dir = mkdtempSync(join(tmpdir(), "prepare-test-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, "sleeper.json");
  writeFileSync(path, JSON.stringify({ command: "sleep 100", ...fields }));
  return ["--target", path];
}

async function prepare(words: readonly string[], target?: TargetUse<Made>, environment = {}) {
  // nothing is written where only a plan is asked for
  const said = [...words, "--dry-run", "--profile", "development"];
  const prepared = await prepareRun("idle-soak", madeUp(target), said, environment);
  assert.ok(prepared.kind === "ready", JSON.stringify(prepared));
  const sources = new Map(prepared.settings.map(({ name, source }) => [name, source]));
  return { ...prepared, sourceOf: (name: string) => sources.get(name) };
}

test("prepareRun() finds no target where none is named, and the hub where the scenario cannot do without", async () => {
  assert.equal((await prepare([])).target, null);
  assert.equal((await prepare([], { role: "beside" })).target, null);
  const hub = { hub: ({ hold }: { hold: number }) => ["--ttl", String(hold)] };
  for (const role of ["loaded", "driven"] as const) {
    const { target } = await prepare(["--hold", "3s"], { role, ...hub });
    assert.deepEqual(target, { spec: hubSpec(["--ttl", "3000"]), isHub: true });
  }
});

test("prepareRun() takes the user's target in place of the hub", async () => {
  const { target } = await prepare(["--target-pid", String(process.pid)], { role: "loaded" });
  assert.deepEqual([target?.isHub, target?.spec.pid], [false, process.pid]);
});

test("prepareRun() takes flags over a target file, and tells where each setting came from", async (t) => {
  const file = targetFile(t, {
    url: "tcp://127.0.0.1:1",
    options: { "idle-soak": { hold: "4s", rest: "5s" }, "*": { "target-settle": "6s", interval: "250ms" } },
  });
  const { target, values, common, sourceOf } = await prepare([...file, "--hold", "7s"]);
  assert.deepEqual([target?.spec.name, target?.spec.command], ["sleeper", ["sleep", "100"]]);
  assert.deepEqual([values.hold, values.rest], [7000, 5000]);
  assert.deepEqual([common.targetSettle, common.interval], [6000, 250]);
  assert.deepEqual(["hold", "rest", "target-settle", "interval", "target"].map(sourceOf), [
    ...["flag", "target file", "target file", "target file", "flag"],
  ]);
});

test("prepareRun() takes the environment over a target file, for options and for the target itself", async (t) => {
  const file = targetFile(t, { options: { "idle-soak": { hold: "4s" } } });
  const environment = { PROOFLOAD_HOLD: "8s", PROOFLOAD_TARGET_URL: "tcp://127.0.0.1:2" };
  const { target, values, sourceOf } = await prepare(file, undefined, environment);
  assert.deepEqual([values.hold, sourceOf("hold")], [8000, "environment PROOFLOAD_HOLD"]);
  assert.equal(target?.spec.url, "tcp://127.0.0.1:2");
});

test("prepareRun() plans and refuses with the user's target at hand, and without the hub", async () => {
  const seen: unknown[] = [];
  const scenario: Plannable<Made> = {
    ...madeUp({ role: "loaded" }),
    contradictions: (_values, _host, _given, target) => {
      seen.push(target?.pid ?? null);
      return target ? ["Cannot take it: expected the hub"] : [];
    },
  };
  const hub = await prepareRun("idle-soak", scenario, ["--dry-run"], {});
  assert.equal(hub.kind, "ready");
  const words = ["--dry-run", "--target-pid", String(process.pid)];
  const user = await prepareRun("idle-soak", scenario, words, {});
  assert.deepEqual(user, { kind: "mistakes", mistakes: ["Cannot take it: expected the hub"] });
  assert.deepEqual(seen, [null, process.pid]);
});

test("prepareRun() has no target options for a scenario without a target", async () => {
  const prepared = await prepareRun("limits-audit", madeUp({ role: "none" }), ["--target-pid", "1"], {});
  assert.ok(prepared.kind === "mistakes");
  assert.match(prepared.mistakes[0] ?? "", /^Cannot take --target-pid: there is no such option/);
  const { target, settings } = await prepare([], { role: "none" });
  assert.equal(target, null);
  assert.ok(settings.every(({ name }) => !name.startsWith("target")));
});

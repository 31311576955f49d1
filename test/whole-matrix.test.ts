/** The fault matrix for real, at its smallest: each fault is caught by its scenario, and nobody falls for health. Needs the box to itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { matrixSchema, outcomeOfRow } from "../lib/report/matrix.ts";
import { ALL_FAULTS } from "../targets/faults.ts";
import type { BehaviourName } from "../targets/hub/faults.ts";
import { PROJECT_BEHAVIOURS } from "../targets/projects/faults.ts";
import { RUNTIMES, run, skipReason, temporaryFolder } from "./command.ts";
import { useEngine } from "./engine/for-tests.ts";

useEngine();

/** Starts a server in half of the time that Node 20 takes; the README's matrix ran on that. */
const [, NODE_24] = RUNTIMES;

/** Those that look most like a leak: each takes more than a minute, and the README's matrix has all. */
const BEHAVING = ["cache-to-bound", "sawtooth"] as const satisfies readonly BehaviourName[];

/** Each promise is seen to be broken: by the first fault that breaks it. The README's matrix has them all. */
function onePerPromise(): string[] {
  const first = new Map<string, string>();
  for (const [name, { scenario, caughtBy }] of Object.entries(ALL_FAULTS)) {
    const promise = `${scenario}: ${caughtBy}`;
    if (!first.has(promise)) first.set(promise, name);
  }
  return [...first.values()];
}

test("scripts/fault-matrix.ts --smoke: every promise is seen broken, and no healthy run is called so", {
  skip: skipReason(NODE_24?.missing ?? null),
}, async (t) => {
  const planted = [...onePerPromise(), ...BEHAVING, ...Object.keys(PROJECT_BEHAVIOURS), "healthy"];
  const tryOut = async (names: readonly string[]) => {
    const words = ["--smoke", "--json", "--only", names.join(","), "--out", temporaryFolder(t)];
    const { stdout, stderr } = await run("scripts/fault-matrix.ts", words, NODE_24);
    return { rows: matrixSchema.parse(JSON.parse(stdout)).rows, stderr };
  };
  const { rows: first, stderr } = await tryOut(planted);
  // whose load was spoilt by those beside it is tried once more, without them
  const spoilt = first.filter(({ planted: what, kind }) => what === "fault" && kind === "inconclusive");
  const again = spoilt.length > 0 ? (await tryOut(spoilt.map(({ name }) => name))).rows : [];
  const rows = [...first.filter((row) => !spoilt.includes(row)), ...again];
  const tell = ({ name, scenario, sentence }: (typeof rows)[number]) => `${scenario} ${name}: ${sentence}`;
  const of = (outcome: string) => rows.filter((row) => outcomeOfRow(row) === outcome);
  // on a busy box a healthy run may be undecided: that is told, and is no alarm
  for (const row of of("undecided")) t.diagnostic(`undecided: ${tell(row)}`);
  assert.deepEqual(of("missed").map(tell), [], stderr);
  assert.deepEqual(of("false alarm").map(tell), []);
  // each has its own reason to be skipped; in the gate none has
  for (const row of of("skipped")) t.diagnostic(`skipped: ${tell(row)}`);
  if (process.env.PROOFLOAD_SKIP_NOTHING) assert.deepEqual(of("skipped").map(tell), []);
  const names = new Set(rows.map(({ name }) => name));
  for (const name of planted) assert.ok(names.has(name), name);
});

/** The fault matrix for real, at its smallest: each fault of the hub is caught by its scenario, and nobody falls for health. Needs the box to itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { matrixSchema, outcomeOfRow } from "../lib/report/matrix.ts";
import { BEHAVIOURS, FAULTS } from "../targets/hub/faults.ts";
import { run, temporaryFolder } from "./command.ts";

test("scripts/fault-matrix.ts --smoke: every fault is caught, and no healthy run is called leaking", async (t) => {
  const words = ["--smoke", "--json", "--out", temporaryFolder(t)];
  const { stdout, stderr } = await run("scripts/fault-matrix.ts", words);
  const { rows } = matrixSchema.parse(JSON.parse(stdout));
  const tell = ({ name, scenario, sentence }: (typeof rows)[number]) => `${scenario} ${name}: ${sentence}`;
  const of = (outcome: string) => rows.filter((row) => outcomeOfRow(row) === outcome);
  // on a busy box a healthy run may be undecided: that is told, and is no alarm
  for (const row of of("undecided")) t.diagnostic(`undecided: ${tell(row)}`);
  assert.deepEqual(of("missed").map(tell), [], stderr);
  assert.deepEqual(of("false alarm").map(tell), []);
  const names = new Set(rows.map(({ name }) => name));
  for (const name of [...Object.keys(FAULTS), ...Object.keys(BEHAVIOURS)]) assert.ok(names.has(name), name);
});

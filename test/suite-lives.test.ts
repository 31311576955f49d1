/** No run of stress-all is lost: interrupted it reports, killed it is finished by the next command. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run, temporaryFolder } from "./command.ts";
import { pidOf, startLong } from "./long-run.ts";
import { allEnded, findDescendants, findTemporaries, readNewest, readNewestSuite } from "./remains.ts";

const FILE = "scripts/stress-all.ts";
const FIRST = "descriptor-exhaustion";
const WORDS = ["--smoke", "--only", `${FIRST},limits-audit`];
/** The first one stays in its hold phase for so long that it can be hit there. */
const LONG = { PROOFLOAD_HOLD: "60s" };

for (const [signal, code] of [["SIGINT", 130] as const, ["SIGTERM", 143] as const]) {
  test(`${signal} ends the scenario that runs, with both reports, and starts no other`, async (t) => {
    const out = temporaryFolder(t);
    const suite = startLong(t, FILE, [...WORDS, "--out", out, "--budget", "3m"], undefined, LONG);
    await suite.said(/descriptor-exhaustion: hold/);
    const below = findDescendants(pidOf(suite));
    suite.child.kill(signal);
    const ended = await suite.ended;
    assert.equal(ended.code, code, ended.stderr);
    const { verdict, rows, exitCode } = readNewestSuite(out);
    assert.deepEqual([verdict.kind, exitCode], ["interrupted", code]);
    assert.deepEqual(
      rows.map(({ scenario, kind, sentence, exitCode }) => [scenario, kind, sentence, exitCode]),
      [
        [FIRST, "interrupted", `Interrupted by ${signal} during hold.`, code],
        ["limits-audit", "interrupted", `Interrupted by ${signal} before it began.`, code],
      ],
    );
    const { report, samples } = readNewest(out, FIRST);
    assert.equal(report.verdict.kind, "interrupted");
    assert.ok(samples.some(({ phase }) => phase === "hold"));
    await allEnded(below);
    assert.deepEqual(findTemporaries(report.process.pid), []);
    for (const name of ["stress-all", FIRST]) assert.ok(!existsSync(join(out, name, ".lock.json")));
  });
}

test("SIGINT while a scenario is still starting is an interruption, and no error", async (t) => {
  const out = temporaryFolder(t);
  const suite = startLong(t, FILE, [...WORDS, "--out", out], undefined, LONG);
  await suite.said(/^1 of 2: /m);
  suite.child.kill("SIGINT");
  assert.equal((await suite.ended).code, 130);
  const { rows } = readNewestSuite(out);
  assert.deepEqual(
    rows.map(({ kind }) => kind),
    ["interrupted", "interrupted"],
  );
});

test("a killed stress-all is finished by the next command, and what it ran as well", async (t) => {
  const out = temporaryFolder(t);
  const suite = startLong(t, FILE, [...WORDS, "--out", out, "--budget", "3m"], undefined, LONG);
  await suite.said(/descriptor-exhaustion: hold/);
  const refused = await run(FILE, [...WORDS, "--out", out]);
  assert.equal(refused.code, 75);
  assert.match(refused.stderr, new RegExp(`^Cannot run stress-all: process ${pidOf(suite)} on `));
  const { report: running } = readNewest(out, FIRST);
  const below = findDescendants(pidOf(suite));
  suite.child.kill("SIGKILL");
  // as the OOM killer and the power would: it has a process of its own
  process.kill(running.process.pid, "SIGKILL");
  await suite.ended;
  await allEnded(below);
  const next = await run("scripts/limits-audit.ts", ["--quiet", "--out", out]);
  assert.ok(next.code === 0 || next.code === 3, next.stdout);
  const { verdict, exitCode } = readNewestSuite(out);
  assert.deepEqual([verdict.kind, exitCode], ["error", 70]);
  assert.match(
    verdict.sentence,
    /^Killed before its first scenario ended: process \d+ ended without a word\.$/,
  );
  assert.match(readNewest(out, FIRST).report.verdict.sentence, /^Killed during hold: /);
  assert.deepEqual(findTemporaries(running.process.pid), []);
  for (const name of ["stress-all", FIRST]) assert.ok(!existsSync(join(out, name, ".lock.json")));
});

test("a scenario whose stress-all was killed does not load the box any longer", async (t) => {
  const out = temporaryFolder(t);
  const suite = startLong(t, FILE, [...WORDS, "--out", out, "--budget", "3m"], undefined, LONG);
  await suite.said(/descriptor-exhaustion: hold/);
  const below = findDescendants(pidOf(suite));
  suite.child.kill("SIGKILL");
  await allEnded(below);
  assert.equal(readNewest(out, FIRST).report.verdict.kind, "interrupted");
});

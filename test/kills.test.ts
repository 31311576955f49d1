/** No run is lost: one that was killed is finished by the next command, which cleans up after it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { BETWEEN } from "../lib/host/gauges.ts";
import { isRunning } from "../lib/host/process-identity.ts";
import { skipReason, temporaryFolder } from "./command.ts";
import { finishNext, pidOf, startLong } from "./long-run.ts";
import { allEnded, becomes, cannotGroup, findDescendants, findTemporaries, readNewest } from "./remains.ts";

describe("a killed run is finished by the next command, with every sample up to then", () => {
  const KILLS = [
    { name: "descriptor-exhaustion", phase: "baseline", words: [] },
    { name: "disk-exhaustion", phase: "hold", words: ["--hold", "30s"] },
    { name: "memory-exhaustion", phase: "hold 60 %", words: ["--limit", "256MiB", "--hold", "30s"] },
    { name: "cpu-saturation", phase: "recovery", words: ["--levels", "100%"] },
  ];
  for (const { name, phase, words } of KILLS) {
    test(`${name}, killed during ${phase}`, async (t) => {
      const out = temporaryFolder(t);
      const dir = name === "disk-exhaustion" ? ["--dir", out] : [];
      const running = startLong(t, `scripts/${name}.ts`, ["--smoke", "--out", out, ...words, ...dir]);
      await running.said(new RegExp(`: ${phase}`));
      const pid = pidOf(running);
      await becomes(
        () => readNewest(out, name).samples.at(-1)?.phase === phase,
        () => `no sample of ${phase}`,
      );
      running.child.kill("SIGKILL");
      assert.equal((await running.ended).signal, "SIGKILL");
      const { report, samples } = await finishNext(out, name);
      const sentence = `Killed during ${phase}: process ${pid} ended without a word.`;
      assert.equal(report.verdict.sentence, sentence);
      const seen = samples.map((sample) => sample.phase).filter((one) => one !== BETWEEN);
      assert.deepEqual(
        report.phases.map((one) => one.name),
        seen.filter((one, index) => one !== seen[index - 1]),
      );
      assert.deepEqual(findTemporaries(pid, out), []);
    });
  }

  const skip = skipReason(cannotGroup("memory"));
  test("memory-limit, killed while its victims are in their control group", { skip }, async (t) => {
    const out = temporaryFolder(t);
    const running = startLong(t, "scripts/memory-limit.ts", [
      "--smoke",
      "--out",
      out,
      "--cases",
      "cgroup",
      "--limit",
      "512MiB",
    ]);
    await running.said(/: load cgroup/);
    const pid = pidOf(running);
    const members = () => {
      const [group] = findTemporaries(pid);
      return group ? readFileSync(join(group, "cgroup.procs"), "utf8").split("\n").filter(Boolean) : [];
    };
    await becomes(
      () => members().length === 2,
      () => "the victims never entered their group",
    );
    const victims = findDescendants(pid);
    // one that is stopped cannot end by itself when its parent is gone
    const [stopped] = victims;
    assert.ok(stopped);
    process.kill(stopped.pid, "SIGSTOP");
    t.after(() => isRunning(stopped) && process.kill(stopped.pid, "SIGKILL"));
    running.child.kill("SIGKILL");
    await running.ended;
    await becomes(
      () => members().join() === String(stopped.pid),
      () => `the bystander did not end by itself, there are ${members()}`,
    );
    const { report } = await finishNext(out, "memory-limit");
    assert.match(report.verdict.sentence, /^Killed during load cgroup: /);
    await allEnded(victims);
    assert.deepEqual(findTemporaries(pid), []);
  });
});

test("a second Ctrl-C leaves at once, and the next command cleans up", async (t) => {
  const out = temporaryFolder(t);
  // in the ci profile an interrupted run waits 10 s for a stressor that does not let go
  const words = [
    "descriptor-exhaustion",
    "deaf",
    "--smoke",
    "--out",
    out,
    "--hold",
    "30s",
    "--profile",
    "ci",
  ];
  const running = startLong(t, "test/faults/plant.ts", words);
  await running.said(/: hold/);
  const pid = pidOf(running);
  running.child.kill("SIGINT");
  // what comes within half a second is the same Ctrl-C, passed on by stress-all
  await delay(700);
  running.child.kill("SIGINT");
  assert.equal((await running.ended).code, 130);
  assert.equal(readNewest(out, "descriptor-exhaustion").report.verdict.kind, "unfinished");
  assert.equal(findTemporaries(pid).length, 1);
  await finishNext(out, "descriptor-exhaustion");
  assert.deepEqual(findTemporaries(pid), []);
});

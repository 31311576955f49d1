/** Nothing of a target is left, ever: whatever ends the run, at whatever moment, and whoever has to clean up. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { markedProcesses } from "../lib/host/marked-processes.ts";
import {
  parseReport,
  QUICKEST,
  RUNTIMES,
  type Running,
  run,
  skipReason,
  temporaryFolder,
} from "./command.ts";
import { finishNext, pidOf, startLong } from "./long-run.ts";
import { readMarks, targetWords } from "./made-up-target.ts";
import { becomes, findTemporaries, readNewest } from "./remains.ts";

const linux = process.platform === "linux" ? null : "needs /proc";
const SHORT = ["--json", "--ttl", "1s", "--target-settle", "1s"];

interface Orphanage {
  readonly running: Running;
  readonly out: string;
  readonly mark: string;
}

/** A run whose target has four processes, three of them as hard to find as can be; it is somewhere when this resolves. */
async function startRun(t: TestContext, when: "start" | "load", runtime = QUICKEST): Promise<Orphanage> {
  const out = temporaryFolder(t);
  const name = when === "start" ? "has children, and never gets ready" : "has children";
  const words = [...targetWords(temporaryFolder(t), name), ...SHORT, "--out", out];
  const running = startLong(t, "scripts/idle-soak.ts", words, runtime);
  if (when === "load") await running.said(/: load/);
  const seen = () => readMarks(out, "idle-soak").flatMap(markedProcesses);
  await becomes(
    () => seen().length >= 4,
    () => `of the target's four processes there are ${seen()}`,
  );
  const [mark = ""] = readMarks(out, "idle-soak");
  return { running, out, mark };
}

function allGone(mark: string): Promise<void> {
  return becomes(
    () => markedProcesses(mark).length === 0,
    () => `${markedProcesses(mark)} still run`,
  );
}

const MOMENTS = ["start", "load"] as const;

for (const [index, runtime] of RUNTIMES.entries()) {
  describe(`on ${runtime.name}`, { skip: skipReason(linux ?? runtime.missing) }, () => {
    // what the others can do otherwise is how they start and signal: one moment each shows that
    for (const when of index === 0 ? MOMENTS : (["start"] as const)) {
      test(`a run that is interrupted during its target's ${when} ends all of it and says so`, async (t) => {
        const { running, out, mark } = await startRun(t, when, runtime);
        running.child.kill("SIGINT");
        const ended = await running.ended;
        assert.deepEqual(markedProcesses(mark), [], "when it has ended, nothing is left");
        assert.equal(ended.code, 130, ended.stderr);
        const { verdict, notes } = parseReport(ended);
        const step = when === "start" ? "its first step" : "load";
        assert.equal(verdict.sentence, `Interrupted by SIGINT during ${step}.`);
        assert.deepEqual(notes, []);
        assert.deepEqual(findTemporaries(pidOf(running), out), []);
        assert.ok(!existsSync(join(out, "idle-soak", ".lock.json")));
      });
    }

    for (const when of index === 0 ? MOMENTS : (["load"] as const)) {
      test(`one that is killed during its target's ${when} leaves nothing that runs`, async (t) => {
        const { running, out, mark } = await startRun(t, when, runtime);
        running.child.kill("SIGKILL");
        await running.ended;
        await allGone(mark);
        await finishNext(out, "idle-soak");
        assert.deepEqual(findTemporaries(pidOf(running), out), []);
      });
    }
  });
}

test("a run that is killed with its guardian is cleaned up by the next command, which takes its lock", {
  skip: skipReason(linux),
}, async (t) => {
  const { running, out, mark } = await startRun(t, "load");
  const guardian = findGuardian(mark);
  process.kill(guardian, "SIGKILL");
  running.child.kill("SIGKILL");
  await running.ended;
  assert.equal(readNewest(out, "idle-soak").report.verdict.kind, "unfinished");
  assert.ok(markedProcesses(mark).length >= 4, "nobody was there to end them");
  // the same scenario, on the lock that the killed one holds
  const words = [...targetWords(temporaryFolder(t), "ends at once"), ...SHORT, "--out", out];
  const next = await run("scripts/idle-soak.ts", words);
  assert.match(next.stderr, /^Finished an earlier run, idle-soak\/.+: Killed during (baseline.*|load): /m);
  assert.equal(next.code, 3, next.stderr);
  assert.deepEqual(markedProcesses(mark), []);
  assert.deepEqual(findTemporaries(pidOf(running), out), []);
});

test("restarts that are killed in the middle leave nothing that runs", {
  skip: skipReason(linux),
}, async (t) => {
  const out = temporaryFolder(t);
  const running = startLong(t, "scripts/rapid-restart.ts", ["--cycles", "50", "--out", out]);
  await running.said(/: load/);
  const started = new Set<number>();
  await becomes(
    () => {
      for (const mark of readMarks(out, "rapid-restart"))
        for (const pid of markedProcesses(mark)) started.add(pid);
      // each hub, and whoever it starts
      return started.size >= 4;
    },
    () => "it never restarted",
  );
  running.child.kill("SIGKILL");
  await running.ended;
  for (const mark of readMarks(out, "rapid-restart")) await allGone(mark);
  await finishNext(out, "rapid-restart");
});

/** By its words: it has no mark, and no parent that would tell. */
function findGuardian(mark: string): number {
  const found = readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      // each start has a mark of its own below the run's
      return words.includes("proofload-guardian") && words.some((word) => word.startsWith(mark));
    } catch {
      return false;
    }
  });
  assert.equal(found.length, 1, "there is one guardian");
  return Number(found[0]);
}

/** The invariants of import-cost, import-reload and import-deadlock on made-up evidence, and a child that is ended with all it started. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { markedProcesses } from "../lib/host/marked-processes.ts";
import { runChild } from "../lib/source/child.ts";
import type { Locked } from "../lib/source/deadlocks.ts";
import type { Reloaded } from "../lib/source/reloads.ts";
import type { Timed } from "../lib/source/timed-imports.ts";
import { scenario as cost } from "../scripts/import-cost.ts";
import { scenario as deadlock } from "../scripts/import-deadlock.ts";
import { scenario as reload } from "../scripts/import-reload.ts";
import { judgeEach } from "./judge-each.ts";

const timed = (circularMs: number, pairs = 15): Timed => ({
  ...{ system: "esm", missing: null, wrong: null },
  pairs: Array.from({ length: pairs }, () => ({ circularMs, plainMs: 10 })),
});
const missing: Timed = { system: "python", missing: "python3 is not installed", wrong: null, pairs: [] };

describe("import-cost", () => {
  judgeEach(
    cost,
    { evidence: { timed: [timed(12), missing] }, named: [], stayed: [] },
    {
      "all modules were imported {pairs} times, with circles and without": {
        broken: [{ evidence: { timed: [{ ...timed(12, 3), wrong: "exit code 1" }] } }],
        unknown: [{ evidence: { timed: [missing] } }],
      },
      "with circles importing takes less than {maxRatio} times as long": {
        broken: [{ evidence: { timed: [timed(12), { ...timed(60), system: "cjs" }] } }],
        skipped: [{ evidence: { timed: [missing] } }],
        unknown: [
          { evidence: { timed: [timed(12, 0)] } },
          // its interval reaches below the limit
          {
            evidence: { timed: [{ ...timed(12, 6), pairs: [...timed(12, 7).pairs, ...timed(60, 8).pairs] }] },
          },
        ],
      },
    },
  );
});

/** Steady but for `perLoad` bytes of each load, and `step` bytes that come with the tenth round. */
const reloaded = (perLoad: number, step = 0, loads = 10): Reloaded => ({
  ...{ system: "cjs", module: null, wrong: null },
  readings: Array.from({ length: 20 * loads }, (_, load) => ({
    round: Math.floor(load / loads),
    atMs: load * 500,
    liveBytes: 5e6 + perLoad * load + (load >= 10 * loads ? step : 0),
  })),
});

describe("import-reload", () => {
  judgeEach(
    reload,
    { evidence: { reloaded: [reloaded(0)] }, named: [], stayed: [] },
    {
      "all modules were loaded and dropped, in {rounds} rounds": {
        broken: [{ evidence: { reloaded: [{ ...reloaded(0), readings: [], wrong: "exit code 1" }] } }],
        unknown: [{ evidence: { reloaded: [] } }],
      },
      "memory grows by less than {maxGrowth} in all": {
        broken: [{ evidence: { reloaded: [reloaded(0), { ...reloaded(30_000), system: "esm" }] } }],
        unknown: [{ evidence: { reloaded: [{ ...reloaded(0), readings: [] }] } }],
      },
      "no round leaves {maxRound} behind": {
        broken: [{ evidence: { reloaded: [reloaded(0, 1.5e6)] } }],
        unknown: [{ evidence: { reloaded: [{ ...reloaded(0), readings: [] }] } }],
      },
      "what stays of a load does not creep": {
        broken: [{ evidence: { reloaded: [reloaded(20_000)] } }],
        unknown: [{ evidence: { reloaded: [reloaded(0, 0, 1)] } }],
      },
    },
  );
});

const locked: Locked = { of: "threads", missing: null, rounds: 10, wrong: null, waits: [], longestMs: 300 };

describe("import-deadlock", () => {
  judgeEach(
    deadlock,
    { evidence: { tried: [locked] }, named: [], stayed: [] },
    {
      "each case was tried {rounds} times, or until somebody waited": {
        broken: [{ evidence: { tried: [{ ...locked, rounds: 2, wrong: "exit code 1" }] } }],
        held: [{ evidence: { tried: [{ ...locked, rounds: 1, waits: ["a waits for b"] }] } }],
        unknown: [{ evidence: { tried: [{ ...locked, missing: "no python3" }] } }],
      },
      "nobody waits for somebody who waits for him": {
        broken: [{ evidence: { tried: [locked, { ...locked, waits: ["a waits for b", "b waits for a"] }] } }],
        unknown: [{ evidence: { tried: [{ ...locked, missing: "no python3" }] } }],
      },
      "all is imported within {within}": {
        broken: [{ evidence: { tried: [{ ...locked, longestMs: 91_000 }] } }],
      },
    },
  );
});

describe("runChild()", () => {
  const order = (script: string, withinMs = 20_000) => ({
    ...{ command: [process.execPath, "-e", script] as const, cwd: tmpdir(), withinMs },
    ...{ mark: `test${process.pid}`, name: "child", signal: new AbortController().signal },
  });
  const STAYS = "setInterval(() => {}, 1000)";
  const LEAVES = `require("child_process").spawn(process.execPath, ["-e", "${STAYS}"], { detached: true, stdio: "ignore" }).unref()`;

  test("tells what a program said, and its exit code", async () => {
    const end = await runChild(order('console.log("out"); console.error("err"); process.exitCode = 3'));
    assert.deepEqual(
      [end.stdout, end.stderr, end.exitCode, end.ended, end.left],
      ["out\n", "err\n", 3, "by itself", []],
    );
  });

  test("names who outlived it, and ends them", async () => {
    const end = await runChild(order(LEAVES));
    assert.equal(end.left.length, 1, JSON.stringify(end));
    assert.match(end.left[0] ?? "", /setInterval/);
    assert.deepEqual(markedProcesses(`test${process.pid}`), []);
  });

  test("ends one that takes too long, and whoever it started", async () => {
    const end = await runChild(order(`${LEAVES}; ${STAYS}`, 500));
    assert.equal(end.ended, "late");
    assert.deepEqual(markedProcesses(`test${process.pid}`), []);
  });

  test("ends one that is no longer wanted", async () => {
    const controller = new AbortController();
    const running = runChild({
      ...order(STAYS),
      signal: controller.signal,
      onStart: () => controller.abort(),
    });
    assert.equal((await running).ended, "aborted");
  });

  test("rejects where there is no such program", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "proofload-test-"));
    t.after(() => rmSync(folder, { recursive: true }));
    await assert.rejects(runChild({ ...order(""), command: [join(folder, "none")] }), { code: "ENOENT" });
  });
});

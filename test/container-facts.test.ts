/** What is read of real containers from the kernel: their limits, also where the engine tells another story, and their networks. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { bringUp, type DemoContainer, removeOwned } from "../lib/engine/demo.ts";
import { findContainerGroup } from "../lib/engine/group.ts";
import { inspectAll } from "../lib/engine/inspected.ts";
import { needEngine } from "../lib/engine/need-engine.ts";
import { own } from "../lib/engine/owned.ts";
import { cgroupFile } from "../lib/host/cgroup.ts";
import { readContainerLimits } from "../lib/scenario/container-limits.ts";
import { measureKernel } from "../lib/scenario/limit-findings.ts";
import { readIsolation } from "../lib/scenario/network-isolation.ts";
import { skipReason, temporaryFolder } from "./command.ts";
import { engineMissing } from "./engine/daemon.ts";
import { useEngine } from "./engine/for-tests.ts";

const MEBI = 1024 * 1024;
const WAITS = "trap 'exit 0' TERM; while :; do sleep 0.2; done";

/** Answers their ids; they are taken away after the test. */
async function up(t: TestContext, containers: readonly DemoContainer[]) {
  const { engine, host } = await needEngine(process.env);
  const owned = own(host);
  t.after(async () => {
    await engine.close();
    await removeOwned(owned);
  });
  return { engine, ids: await bringUp(engine, owned, temporaryFolder(t), containers) };
}

describe("of a real engine", { skip: skipReason(engineMissing()) }, () => {
  useEngine();

  test("limits are the kernel's, too; and one that somebody has raised behind the engine's back is told", async (t) => {
    const limits = { memoryBytes: 32 * MEBI, cores: 0.5, processes: 40 };
    const { engine, ids } = await up(t, [{ name: "limited", command: WAITS, ...limits }]);
    const [id = ""] = ids;
    const before = await readContainerLimits(engine, id);
    assert.deepEqual([before?.declared, before?.kernel], [limits, limits]);
    const [found] = await inspectAll(engine, ids);
    const group = findContainerGroup("memory", found?.State.Pid ?? 0, id);
    assert.ok(group);
    const withSwap = join(group.path, "memory.memsw.limit_in_bytes");
    if (existsSync(withSwap)) writeFileSync(withSwap, String(64 * MEBI));
    writeFileSync(cgroupFile(group, "memoryLimit"), String(64 * MEBI));
    const after = await readContainerLimits(engine, id);
    assert.ok(before && after);
    const evidence = { missing: [], twins: [], left: [] };
    assert.equal(measureKernel({ ...evidence, containers: [before] }).outcome, "held");
    const told = measureKernel({ ...evidence, containers: [after] });
    assert.ok(told.outcome === "broken" && /memory 32 MiB, in the kernel 64 MiB/.test(told.evidence.join()));
  });

  test("networks are as declared, or it is told who has which", async (t) => {
    const declared = { "proofload.network": "none" };
    const { engine, ids } = await up(t, [
      { name: "alone", command: WAITS, labels: declared },
      { name: "shared", command: WAITS, network: "host" },
      { name: "open", command: WAITS, network: "host", labels: declared },
    ]);
    const { seen, wrong } = readIsolation(await inspectAll(engine, ids));
    assert.equal(seen, 3);
    assert.equal(wrong.length, 1);
    assert.match(wrong[0] ?? "", /-open: is declared to have the network none, and has host$/);
  });
});

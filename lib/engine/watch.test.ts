/** Containers as they are watched, in a real engine: health is silence, and each thing that goes wrong is told of the one that it befell. */
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { skipReason } from "../../test/command.ts";
import {
  endDaemon,
  engineMissing,
  hostOf,
  openEngineIn,
  startEngine,
  stopEngine,
} from "../../test/engine/daemon.ts";
import { removeTemporaries } from "../report/temporary.ts";
import { bringUp, type DemoContainer } from "./demo.ts";
import type { Engine } from "./engine.ts";
import { imageOf, OWNER_LABEL, own, writeOwned } from "./owned.ts";
import { openUsage } from "./usage.ts";
import { type Watch, watchContainers } from "./watch.ts";

const MEBI = 1024 * 1024;
const WITHIN_MS = 30_000;
/** Takes so many megabytes, and keeps them. */
const take = (megabytes: number) =>
  `exec awk 'BEGIN { for (i = 0; i < ${megabytes}; i++) a[i] = sprintf("%1000000s", "x"); while (1) system("sleep 1") }'`;
const STAYS = "trap 'exit 0' TERM; while :; do sleep 1; done";

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + WITHIN_MS;
  while (!(await holds())) {
    assert.ok(performance.now() < endMs, "not in time");
    await delay(50);
  }
}

describe("watchContainers()", { skip: skipReason(engineMissing()) }, () => {
  const folder = mkdtempSync(join(tmpdir(), "proofload-watch-test-"));
  let engine: Engine;
  before(async () => {
    await startEngine(folder);
    engine = await openEngineIn(folder);
  });
  after(async () => {
    await engine.close();
    await stopEngine(folder);
  });

  /** Brings them up, watches them meanwhile, and takes them away as a later command would. */
  async function watching(
    containers: readonly DemoContainer[],
    meanwhile: (watch: Watch) => Promise<void>,
    asked = engine,
  ) {
    const owned = own(hostOf(folder));
    const files = mkdtempSync(join(folder, "image-"));
    try {
      const ids = await bringUp(engine, owned, files, containers);
      const settings = { engine: asked, ids, intervalMs: 50, maxMemoryShare: 0.95 };
      const watch = await watchContainers(settings);
      await meanwhile(watch);
      const record = await watch.tell();
      await watch.close();
      return { ...record, of: (name: string) => record.containers.find((one) => one.name.endsWith(name)) };
    } finally {
      const left = await removeTemporaries([{ kind: "containers", path: writeOwned(owned) }]);
      assert.deepEqual(left, []);
      const labels = [`${OWNER_LABEL}=${owned.mark}`];
      assert.deepEqual((await engine.find({ names: [], labels })).ids, []);
      await assert.rejects(
        engine.create("no-image", {
          ...{ Image: imageOf(owned), Cmd: ["true"], Labels: {} },
          HostConfig: { NetworkMode: "none" },
        }),
        { message: /No such image/ },
      );
    }
  }

  test("is silent of those that are well, with and without a check", async () => {
    const containers = [
      { name: "checked", command: STAYS, check: "true", memoryBytes: 64 * MEBI },
      { name: "plain", command: STAYS },
    ];
    const { of, story, breaks, listened } = await watching(containers, async (watch) => {
      await until(watch.allWell);
      watch.begin();
      await delay(2500);
    });
    assert.deepEqual([story, breaks, listened], [[], 0, true]);
    for (const [name, hasCheck, limit] of [
      ["checked", true, 64 * MEBI],
      ["plain", false, null],
    ] as const) {
      const one = of(name);
      assert.ok(one);
      assert.deepEqual([one.wellBefore, one.hasCheck, one.limitBytes], [true, hasCheck, limit]);
      assert.ok(one.samples > 10);
      assert.deepEqual([one.stable, one.overMemory], [one.samples, 0]);
      assert.deepEqual([one.deaths, one.starts, one.ooms, one.unhealthy], [[], 0, 0, 0]);
      assert.ok((one.peakMemoryBytes ?? 0) > 0 && (one.peakCores ?? -1) >= 0);
    }
  });

  test("tells who flaps, who is at its limit, who is throttled and who is removed", async () => {
    const containers: DemoContainer[] = [
      { name: "flaps", command: "sleep 1; exit 3", restart: "always" },
      { name: "full", command: take(30), memoryBytes: 32 * MEBI },
      { name: "throttled", command: "while :; do :; done", cores: 0.1 },
      { name: "removed", command: STAYS },
    ];
    const { of, story } = await watching(containers, async (watch) => {
      watch.begin();
      const { ids } = await engine.find({ names: [], labels: [OWNER_LABEL] });
      for (const id of ids) {
        const name = (await engine.inspect(id))?.Name ?? "";
        if (name.endsWith("removed")) await engine.remove(id);
      }
      await delay(4000);
    });
    assert.ok((of("flaps")?.deaths.length ?? 0) >= 1 && of("flaps")?.deaths.every((code) => code === 3));
    assert.ok((of("flaps")?.starts ?? 0) >= 1);
    const full = of("full");
    assert.ok(full && (full.peakMemoryShare ?? 0) >= 0.9 && full.ooms === 0, JSON.stringify(full));
    const throttled = of("throttled");
    assert.ok(throttled && (throttled.throttledMs ?? 0) > 500, JSON.stringify(throttled));
    assert.ok((throttled.peakCores ?? 1) < 0.3);
    assert.deepEqual([of("removed")?.gone, of("removed")?.status], [true, "gone"]);
    const actions = story.filter(({ container }) => container.endsWith("removed")).map(({ what }) => what);
    assert.deepEqual(actions, ["kill", "ended with 137", "destroy"]);
  });

  test("tells a check that fails from one that holds", async () => {
    const containers = [
      { name: "turns", command: STAYS, check: "test -e /tmp/well || test ! -e /bin/touch" },
    ];
    const { of, story } = await watching(containers, async (watch) => {
      watch.begin();
      await until(() => !watch.allWell());
      await delay(2500);
    });
    assert.deepEqual([of("turns")?.unhealthy, of("turns")?.health], [1, "unhealthy"]);
    assert.deepEqual(
      story.map(({ what }) => what),
      ["health_status: unhealthy"],
    );
  });

  test("an OOM kill is told, then the end that it brings", async () => {
    const { of, story } = await watching(
      [{ name: "dies", command: `sleep 1; ${take(100)}`, memoryBytes: 32 * MEBI }],
      async (watch) => {
        watch.begin();
        await until(() => !watch.allWell());
      },
    );
    assert.deepEqual([of("dies")?.ooms, of("dies")?.deaths], [1, [137]]);
    assert.deepEqual(
      story.map(({ what }) => what),
      ["oom", "ended with 137"],
    );
  });

  test("many are watched by what is told: none of them is asked again and again", async () => {
    const many = Array.from({ length: 24 }, (_, index) => ({ name: `one-${index}`, command: STAYS }));
    let asked = 0;
    const inspect: Engine["inspect"] = (id) => {
      asked++;
      return engine.inspect(id);
    };
    const record = await watching(
      many,
      async () => {
        asked = 0;
        await delay(2000);
        assert.equal(asked, 0);
      },
      { ...engine, inspect },
    );
    assert.equal(record.containers.length, many.length);
    for (const { name, samples, stable } of record.containers)
      assert.ok(samples > 10 && stable === samples, name);
  });

  test("an engine that restarts meanwhile is told of, and its containers are seen to come back", async () => {
    const stays: DemoContainer = { name: "stays", command: STAYS, restart: "always" };
    const { of, breaks, listened } = await watching([stays], async (watch) => {
      watch.begin();
      await endDaemon(folder);
      await startEngine(folder);
      await until(watch.allWell);
    });
    assert.deepEqual([breaks, listened], [1, true]);
    assert.deepEqual([of("stays")?.status, of("stays")?.gone], ["running", false]);
  });

  test("what is read of a group that is not the container's is nothing", () => {
    assert.equal(openUsage(process.pid, "0123456789abcdef"), null);
  });
});

/** What a real target held before and after a load: what comes back in time is not told, what stays is, by name. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { request } from "undici";
import { becomes, launch, nodeCommand } from "../target/fixtures/launching.ts";
import { countKinds, takeInventory } from "../target/inventory.ts";
import type { TargetSpec } from "../target/spec.ts";
import { MIB } from "../units.ts";
import { valuesOf } from "./fixtures/made-up.ts";
import { kept } from "./target-facts.ts";
import { type Notes, takeNotes } from "./target-notes.ts";
import { targetOptions } from "./target-options.ts";
import { watchTarget } from "./target-watch.ts";

/** Opens 20 files for /take, and closes them for /give. */
const TAKER = `import { createServer } from "node:http";
  import { closeSync, openSync } from "node:fs";
  let open = [];
  const answers = {
    "/take": () => { open = Array.from({ length: 20 }, () => openSync("{dir}/taken", "w")); },
    "/give": () => { for (const fd of open.splice(0)) closeSync(fd); },
  };
  createServer(({ url }, response) => response.end(String(answers[url]?.())))
    .listen({port}, "127.0.0.1", () => console.log("listening"));`;

/** Without a URL nobody asks after its health: the connections of those that do come and go. */
async function noteDown(t: TestContext, flags = {}, spec: Partial<TargetSpec> = {}) {
  const target = await launch(t, {
    command: nodeCommand(TAKER),
    ready: "output:listening",
    ...spec,
  });
  const watched = await watchTarget(target, { intervalMs: 50, healthEveryMs: 200, healthTimeoutMs: 5000 });
  t.after(() => watched.close());
  const values = valuesOf(targetOptions, flags);
  const notes = await takeNotes(watched, { isHub: false, values, now: () => performance.now() });
  const sockets = () => countKinds(takeInventory(target.pids()))?.socket;
  const atRest = sockets();
  const ask = async (path: string) => {
    // a connection that is kept would be a thing that stayed
    const { body } = await request(`http://127.0.0.1:${target.port}${path}`, { reset: true });
    await body.dump();
    await becomes(() => sockets() === atRest, "the end of the connection");
  };
  return { target, notes, ask };
}

/** As the runner does, but with every look that it has the patience for. */
async function settle(notes: Notes, looks = 20) {
  let allowed: number | null = null;
  await notes.settle(async (holds, withinMs) => {
    allowed = withinMs;
    for (let look = 0; look < looks; look++) {
      if (holds()) return true;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return false;
  });
  return allowed;
}

test("takeNotes() tells what stayed after the load, by name, and how much more it is", async (t) => {
  const { target, notes, ask } = await noteDown(t, { targetSettle: "3s" });
  await ask("/take");
  assert.equal(await settle(notes), 3000);
  const facts = notes.finish();
  assert.ok(facts.after);
  assert.equal(kept(facts.before, facts.after, "descriptors"), 20);
  assert.match(facts.stayed.join("\n"), /^20 × \/.+\/taken$/);
  assert.deepEqual([facts.died, facts.pid, facts.isHub], [null, target.pid, false]);
});

test("takeNotes() compares with what was held at the base, where there is one", async (t) => {
  const { notes, ask } = await noteDown(t);
  await ask("/take");
  await notes.rebase();
  await settle(notes);
  const { before, base, after, stayed } = notes.finish();
  assert.ok(base && after);
  assert.equal(kept(before, base, "descriptors"), 20);
  assert.deepEqual([kept(base, after, "descriptors"), stayed], [0, []]);
});

test("takeNotes() tells what stayed since the base, and only that", async (t) => {
  const { notes, ask } = await noteDown(t, { targetSettle: "3s" });
  await notes.rebase();
  await ask("/take");
  await settle(notes);
  assert.match(notes.finish().stayed.join("\n"), /^20 × \/.+\/taken$/);
});

test("takeNotes() waits for what comes back, and finds nothing then", async (t) => {
  const { notes, ask } = await noteDown(t);
  await ask("/take");
  let looks = 0;
  await notes.settle(async (holds) => {
    assert.equal(holds(), false);
    await ask("/give");
    for (; !holds(); looks++) assert.ok(looks < 1000, "it never came back");
    return true;
  });
  const { before, after, stayed } = notes.finish();
  assert.deepEqual([after && kept(before, after, "descriptors"), stayed], [0, []]);
});

test("takeNotes() parts health under load from health afterwards", async (t) => {
  const { notes } = await noteDown(t, {}, { url: "http://127.0.0.1:{port}/" });
  await settle(notes);
  const { health } = notes.finish();
  assert.ok(health);
  assert.equal(health.underLoad.failed + health.afterwards.failed, 0);
  assert.ok(health.afterwards.asked >= 1, JSON.stringify(health));
});

test("takeNotes() notes how a target died, and looks for nothing any more", async (t) => {
  const { target, notes } = await noteDown(t);
  notes.die(await target.kill("process"), "hold");
  await becomes(() => !target.alive, "its end");
  const waited = await settle(notes);
  const { died, after, stayed, lastLines } = notes.finish();
  assert.deepEqual(died, { exitCode: null, signal: "SIGKILL", during: "hold" });
  assert.deepEqual([waited, after, stayed, lastLines], [null, null, [], ["listening"]]);
});

test("takeNotes() has no health to tell of a run that was cut short before it settled", async (t) => {
  const { notes } = await noteDown(t, {}, { url: "http://127.0.0.1:{port}/" });
  const { health, after } = notes.finish();
  assert.deepEqual([health, after], [null, null]);
});

test("takeNotes() counts a heap that eight workers share with their parent once, and sees at once that it is back", {
  skip: process.platform === "linux" ? false : "needs /proc",
}, async (t) => {
  const code = [
    "import os, time",
    "heap = bytearray(os.urandom(1 << 20) * 50)",
    "any(os.fork() == 0 for _ in range(8)) or print('up', flush=True)",
    "time.sleep(1000)",
  ];
  const { notes } = await noteDown(
    t,
    {},
    { command: ["python3", "-c", code.join("\n")], ready: "output:up" },
  );
  let wasBack = false;
  await notes.settle(async (holds) => {
    wasBack = holds();
    return wasBack;
  });
  const { before, after } = notes.finish();
  assert.equal(before.processes, 9);
  for (const { anonymousBytes, pssBytes, rssBytes } of [before, after!]) {
    assert.ok(anonymousBytes! > 50 * MIB && anonymousBytes! < 120 * MIB, `${anonymousBytes}`);
    assert.ok(pssBytes! >= anonymousBytes! && pssBytes! < 150 * MIB, `${pssBytes}`);
    assert.ok(rssBytes! > 400 * MIB, `${rssBytes}`);
  }
  assert.ok(wasBack);
});

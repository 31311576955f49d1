/** Facts that the design builds on, measured anew: what runtimes and libraries really do. Needs the box to itself. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { readHostFacts } from "../lib/host/facts.ts";
import { createStress } from "../lib/stress/load.ts";
import { MIB } from "../lib/units.ts";
import type * as fillHeap from "../workers/fill-heap.ts";
import type * as holdMemory from "../workers/hold-memory.ts";
import { RUNTIMES, type Runtime, run, skipReason } from "./command.ts";

const answerOrErrno = z.union([z.number(), z.string()]).optional();
const memory = z.object({ available: z.number(), free: z.number(), buffcache: z.number() });
const exhaustedSchema = z.object({
  refusedBy: z.string(),
  read: answerOrErrno,
  write: answerOrErrno,
  start: answerOrErrno,
  heldBytes: answerOrErrno,
  counted: answerOrErrno,
  memoryUsage: answerOrErrno,
  before: memory.extend({ volumes: z.number() }),
  during: memory,
  volumes: z.array(z.unknown()),
});

const LIMIT = 256;

async function exhaust({ command, ...rest }: Runtime) {
  const limited = { ...rest, command: ["prlimit", `--nofile=${LIMIT}:${LIMIT}`, ...command] };
  const { stdout, stderr } = await run("test/fixtures/facts/exhausted.ts", [], limited);
  assert.ok(stdout.startsWith("{"), `${stdout}${stderr}`);
  return exhaustedSchema.parse(JSON.parse(stdout));
}

for (const runtime of RUNTIMES) {
  const { name } = runtime;
  const isDeno = name === "deno";
  describe(`on ${name}, at EMFILE of a worker thread`, { skip: skipReason(runtime.missing) }, async () => {
    const told = runtime.missing === null ? await exhaust(runtime) : null;

    test("the main thread can open nothing: no /proc, no report, no child process", () => {
      assert.deepEqual([told?.refusedBy, told?.read, told?.write], ["EMFILE", "EMFILE", "EMFILE"]);
      // Deno does not even say so: no error, and no status
      assert.equal(told?.start, isDeno ? "no word" : "EMFILE");
    });

    test("a held /proc handle can be read at offset 0, and the folder's size counts descriptors", () => {
      assert.ok(Number(told?.heldBytes) > 10, `${told?.heldBytes} bytes`);
      assert.equal(told?.counted, LIMIT);
    });

    test("process.memoryUsage() throws on Node and answers 0 on Deno", () => {
      assert.equal(told?.memoryUsage, isDeno ? 0 : "EMFILE");
    });

    test("systeminformation does not fail, it answers something else", () => {
      assert.ok(told);
      assert.ok(told.before.volumes > 0 && told.before.buffcache > 0);
      assert.deepEqual(told.volumes, []);
      assert.equal(told.during.buffcache, 0);
      // free memory, in the place of what is available
      assert.equal(told.during.available, told.during.free);
    });
  });

  describe(`${name}`, { skip: skipReason(runtime.missing) }, async () => {
    const said = runtime.missing === null ? await run("test/fixtures/facts/runtime.ts", [], runtime) : null;
    const told = JSON.parse(said?.stdout || "{}");

    test("has import.meta.main, but for Node 20", () => {
      assert.equal(told.main, name === "node" && process.version.startsWith("v20.") ? null : true);
    });

    // now and then Deno happens to see one of them
    test("sees the stalls of its event loop, but for Deno, which misses most", () => {
      assert.equal(told.seenMs > 250, !isDeno, `${told.seenMs} of 500 ms`);
    });

    test("asks child processes for the load, through systeminformation", () => {
      assert.ok(told.childFaults > 0 && told.childFaultsOfProcessLoad > 0, said?.stdout);
    });

    const limited = readHostFacts().memoryLimitedBy;
    const skip = skipReason(limited === "host" ? null : `${limited} limits the memory of this process`);
    test("says 2^64, or 2^63 less a page, where no memory is constrained", { skip }, () => {
      assert.ok(told.constrained > 2 ** 62, said?.stdout);
    });
  });
}

describe("a worker's heap limit", () => {
  const stress = createStress({
    workerFile: (worker) => new URL(`../workers/${worker}.ts`, import.meta.url),
    graceMs: () => 10_000,
    longestMs: 60_000,
    onLoad: () => {},
  });

  test("lets 100 MiB of buffers pass under 64 MiB", async () => {
    const task = { amount: 100 * MIB, chunkBytes: 10 * MIB };
    const load = await stress<typeof holdMemory>("hold-memory", {
      unit: "bytes",
      heapLimitMib: 64,
      tasks: [task],
    });
    await load.acquire();
    assert.equal(load.held, 100 * MIB);
    assert.equal((await load.release())[0]?.ended, "released");
  });

  test("ends a worker whose objects go past it", async () => {
    const load = await stress<typeof fillHeap>("fill-heap", {
      unit: "bytes",
      heapLimitMib: 64,
      tasks: [{ amount: 100 * MIB }],
    });
    await load.acquire();
    const [outcome] = await load.release();
    assert.ok(outcome?.ended === "died" && /memory limit/.test(outcome.error), JSON.stringify(outcome));
  });
});

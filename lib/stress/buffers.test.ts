/** Memory that goes back to the kernel when it is freed, and not whenever the collector comes. */
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { openLinuxSources } from "../host/linux-sources.ts";
import { GIB, MIB } from "../units.ts";
import { allocateSlab, freeBuffers, refusalOf } from "./buffers.ts";

const skip = process.platform === "linux" ? false : "needs /proc to see anonymous memory";
/** What a collection or a thread of the runtime may give or take meanwhile. */
const SLACK_BYTES = 16 * MIB;

function readAnonymousBytes(): number {
  const { sources } = openLinuxSources([0], tmpdir());
  const readings = sources.flatMap((source) => source.read().anonymousBytes ?? []);
  for (const source of sources) source.close();
  return readings[0] ?? Number.NaN;
}

test("allocateSlab() takes at most 256 MiB at once, of which nothing is resident yet", { skip }, async () => {
  const before = readAnonymousBytes();
  const slab = allocateSlab(3 * GIB);
  assert.equal(slab.length, 256 * MIB);
  assert.ok(readAnonymousBytes() - before < SLACK_BYTES);
  await freeBuffers([slab]);
  assert.equal(allocateSlab(5).length, 5);
});

test("freeBuffers() gives back what was written, without a collection", { skip }, async () => {
  const slabs = [allocateSlab(48 * MIB), allocateSlab(80 * MIB)];
  const before = readAnonymousBytes();
  for (const slab of slabs) slab.fill(0xa5);
  const full = readAnonymousBytes();
  assert.ok(full - before > 128 * MIB - SLACK_BYTES, `only ${full - before} bytes were taken`);
  await freeBuffers(slabs);
  const after = readAnonymousBytes();
  assert.ok(Math.abs(after - before) < SLACK_BYTES, `${after - before} bytes were kept`);
  assert.deepEqual(
    slabs.map(({ length }) => length),
    [0, 0],
  );
});

test("freeBuffers() has nothing to do for none", async () => {
  assert.equal(await freeBuffers([]), undefined);
});

test("refusalOf() calls a refused allocation ENOMEM, and throws on what is none", () => {
  assert.throws(
    () => new Array(-1),
    (error) => refusalOf(error) === "ENOMEM",
  );
  assert.equal(
    refusalOf(Object.assign(new Error("refused"), { code: "ERR_MEMORY_ALLOCATION_FAILED" })),
    "ENOMEM",
  );
  assert.throws(() => refusalOf(new TypeError("a bug")), { name: "TypeError", message: "a bug" });
});

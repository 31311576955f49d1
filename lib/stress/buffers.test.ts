/** Memory that goes back to the kernel when it is freed, and not whenever the collector comes. */
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { openLinuxSources } from "../host/linux-sources.ts";
import { GIB, MIB } from "../units.ts";
import { allocateSlab, freeBuffers, refusalOf, writePages } from "./buffers.ts";

const skip = process.platform === "linux" ? false : "needs /proc to see anonymous memory";
/** What a collection or a thread of the runtime may give or take meanwhile. */
const SLACK_BYTES = 16 * MIB;

function readAnonymousBytes(): number {
  const { sources } = openLinuxSources([0], tmpdir());
  const readings = sources.flatMap((source) => source.read().anonymousBytes ?? []);
  for (const source of sources) source.close();
  return readings[0] ?? Number.NaN;
}

test("allocateSlab() takes at most 1 GiB at once, of which nothing is resident yet", { skip }, async () => {
  const before = readAnonymousBytes();
  const slab = allocateSlab(3 * GIB);
  assert.equal(slab.length, GIB);
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

test("writePages() makes every page resident, whatever the steps", { skip }, async () => {
  for (const stepBytes of [5000, MIB, 10 * MIB]) {
    const slab = allocateSlab(96 * MIB);
    const before = readAnonymousBytes();
    for (let start = 0; start < slab.length; start += stepBytes) {
      writePages(slab, start, Math.min(slab.length, start + stepBytes));
    }
    const gained = readAnonymousBytes() - before;
    assert.ok(Math.abs(gained - slab.length) < SLACK_BYTES, `${gained} bytes in steps of ${stepBytes}`);
    await freeBuffers([slab]);
  }
});

test("writePages() leaves no two pages alike, and stays within its bounds", () => {
  const slab = Buffer.alloc(MIB);
  writePages(slab, 0, MIB / 2);
  writePages(slab, MIB / 2, MIB - 8192);
  const pages = Array.from({ length: 256 }, (_, page) =>
    slab.toString("latin1", page * 4096, (page + 1) * 4096),
  );
  assert.equal(new Set(pages.slice(0, 254)).size, 254);
  assert.deepEqual(new Set(pages.slice(254)), new Set(["\0".repeat(4096)]));
  writePages(Buffer.alloc(5), 0, 5);
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

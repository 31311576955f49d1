/** A full disk does not cost what was reserved: on a small tmpfs that is really full. */
import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { mountTmpfs } from "../host/fixtures/tmpfs.ts";
import { KIB } from "../units.ts";
import { ReservedFile } from "./reserved-file.ts";

/** Writes until nothing more can be written. */
function fillUp(volume: string) {
  assert.throws(
    () => {
      for (;;) appendFileSync(join(volume, "filler"), Buffer.alloc(4 * KIB));
    },
    { code: "ENOSPC" },
  );
}

test("append() writes everything within the reserve on a full disk, and finish() names it", (t) => {
  const volume = mountTmpfs(t, "size=512k");
  if (!volume) return;
  const file = new ReservedFile(join(volume, "report.part"), 130 * KIB);
  file.append("first\n");
  fillUp(volume);
  file.append("x".repeat(130 * KIB - 6));
  file.finish(join(volume, "report"));
  const text = readFileSync(join(volume, "report"), "utf8");
  assert.deepEqual([text.length, text.slice(0, 8), text.at(-1)], [130 * KIB, "first\nxx", "x"]);
  assert.equal(existsSync(join(volume, "report.part")), false);
});

test("append() throws past the reserve on a full disk, adds nothing of it, and goes on with what fits", (t) => {
  const volume = mountTmpfs(t, "size=512k");
  if (!volume) return;
  const file = new ReservedFile(join(volume, "samples"), 64 * KIB);
  fillUp(volume);
  file.append("kept\n");
  assert.throws(() => file.append("y".repeat(80 * KIB)), { code: "ENOSPC" });
  file.append("kept too\n");
  file.finish();
  assert.equal(readFileSync(file.path, "utf8"), "kept\nkept too\n");
});

test("append() goes on past the reserve while there is space", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "reserved-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = new ReservedFile(join(folder, "file"), 10);
  file.append("ä".repeat(20));
  file.finish();
  assert.equal(readFileSync(file.path, "utf8"), "ä".repeat(20));
});

test("new ReservedFile() takes its space at once or leaves nothing behind, and takes no file that is there already", (t) => {
  const volume = mountTmpfs(t, "size=128k");
  if (!volume) return;
  assert.throws(() => new ReservedFile(join(volume, "large"), 256 * KIB), { code: "ENOSPC" });
  assert.deepEqual(readdirSync(volume), []);
  writeFileSync(join(volume, "mine"), "");
  assert.throws(() => new ReservedFile(join(volume, "mine"), 0), { code: "EEXIST" });
});

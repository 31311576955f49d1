/** A file is replaced whole; what is no file, or leads to one, stays what it is. */
import assert from "node:assert/strict";
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { mountTmpfs } from "../host/fixtures/tmpfs.ts";
import { replaceFile } from "./replace-file.ts";

test("replaceFile() replaces what a link leads to, writes to a device as it is, and leaves no draft on a full disk", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "replace-file-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [file, link] = [join(folder, "file"), join(folder, "link")];
  writeFileSync(file, "old");
  symlinkSync(file, link);
  replaceFile(link, "new");
  assert.deepEqual([readFileSync(file, "utf8"), lstatSync(link).isSymbolicLink()], ["new", true]);
  replaceFile("/dev/null", "nothing");
  assert.ok(lstatSync("/dev/null").isCharacterDevice());
  assert.deepEqual(readdirSync(folder).sort(), ["file", "link"]);
  const volume = mountTmpfs(t, "size=64k");
  if (!volume) return;
  const full = join(volume, "file");
  writeFileSync(full, "old");
  assert.throws(() => replaceFile(full, "x".repeat(100_000)), { code: "ENOSPC" });
  assert.deepEqual([readdirSync(volume), readFileSync(full, "utf8")], [["file"], "old"]);
});

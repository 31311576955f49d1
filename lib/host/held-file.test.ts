/** One descriptor, read from its beginning each time. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openHeldFile } from "./held-file.ts";

test("openHeldFile() reads what the file says now, also when it has become shorter", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "held-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "file");
  writeFileSync(path, "a long first text");
  const file = openHeldFile(path);
  assert.equal(file.read(), "a long first text");
  writeFileSync(path, "short");
  assert.equal(file.read(), "short");
  file.close();
  assert.throws(() => file.read(), { code: "EBADF" });
});

test("openHeldFile() keeps two files apart, though they share their memory", { skip: !onLinux() }, () => {
  const [loadavg, version] = [openHeldFile("/proc/loadavg"), openHeldFile("/proc/version")];
  assert.match(version.read(), /^Linux version /);
  assert.match(loadavg.read(), /^\d+\.\d\d .*\n$/);
  assert.match(version.read(), /^Linux version .*\n$/);
  for (const file of [loadavg, version]) file.close();
});

test("openHeldFile() fails at once where there is nothing to hold", () => {
  assert.throws(() => openHeldFile("/there/is/none"), { code: "ENOENT" });
});

function onLinux(): boolean {
  return process.platform === "linux";
}

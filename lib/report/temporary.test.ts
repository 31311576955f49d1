/** What a run made outside its folder is removed, however full it is; what is not ours is left alone. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createCgroup, enterCgroup } from "../host/cgroup.ts";
import { TEMPORARY_PREFIX } from "../host/temporary-name.ts";
import { removeTemporaries } from "./temporary.ts";

let place = "";
before(() => {
  place = mkdtempSync(join(tmpdir(), "temporary-test-"));
});
after(() => rmSync(place, { recursive: true }));

test("removeTemporaries() removes folders with all that is in them", async () => {
  const path = join(place, `${TEMPORARY_PREFIX}full`);
  mkdirSync(join(path, "deep", "deeper"), { recursive: true });
  writeFileSync(join(path, "deep", "file"), "text");
  assert.deepEqual(await removeTemporaries([{ kind: "folder", path }]), []);
  assert.equal(existsSync(path), false);
});

test("removeTemporaries() makes nothing of what is gone already", async () => {
  const gone = join(place, `${TEMPORARY_PREFIX}gone`);
  const all = [{ kind: "folder", path: gone } as const, { kind: "cgroup", path: gone } as const];
  assert.deepEqual(await removeTemporaries(all), []);
});

test("removeTemporaries() leaves alone what does not have our name, says so, and goes on", async () => {
  const precious = join(place, "precious");
  const ours = join(place, `${TEMPORARY_PREFIX}ours`);
  mkdirSync(precious);
  mkdirSync(ours);
  const left = await removeTemporaries([
    { kind: "folder", path: precious },
    { kind: "cgroup", path: precious },
    { kind: "folder", path: `${ours}/../precious` },
    { kind: "folder", path: ours },
  ]);
  assert.equal(left.length, 3);
  assert.match(
    left[0] ?? "",
    /^Could not remove .*precious: Cannot remove .* expected a name that starts with/,
  );
  assert.deepEqual([existsSync(precious), existsSync(ours)], [true, false]);
});

test("removeTemporaries() does not follow a symlink out of what it removes", async () => {
  const outside = join(place, "outside");
  const path = join(place, `${TEMPORARY_PREFIX}linked`);
  mkdirSync(outside);
  writeFileSync(join(outside, "file"), "text");
  mkdirSync(path);
  symlinkSync(outside, join(path, "link"));
  assert.deepEqual(await removeTemporaries([{ kind: "folder", path }]), []);
  assert.deepEqual([existsSync(path), existsSync(join(outside, "file"))], [false, true]);
});

test("removeTemporaries() kills what still runs in a cgroup, and removes the group", async (t) => {
  const group = createCgroup("pids", `${TEMPORARY_PREFIX}test-${process.pid}`);
  if ("refused" in group) return t.skip(`needs to make a cgroup: ${group.refused}`);
  const child = spawn("sleep", ["60"]);
  const ended = once(child, "exit");
  enterCgroup(group, child.pid ?? Number.NaN);
  assert.deepEqual(await removeTemporaries([{ kind: "cgroup", path: group.path }]), []);
  assert.deepEqual(await ended, [null, "SIGKILL"]);
  assert.equal(existsSync(group.path), false);
});

test("removeTemporaries() kills whoever carries a mark or that of one of its starts, and nobody whose mark only resembles it", async (t) => {
  if (process.platform !== "linux") return t.skip("needs /proc");
  const mark = `test-${process.pid}`;
  const marks = [mark, `${mark}.1`, `${mark}0`, `x${mark}`, ""];
  const children = marks.map((own) =>
    // detached: a session of its own hides nobody
    spawn("sleep", ["60"], {
      detached: true,
      env: { ...process.env, PROOFLOAD_TARGET_MARK: own, OTHER: mark },
    }),
  );
  t.after(() => children.forEach((child) => void child.kill("SIGKILL")));
  await Promise.all(children.map((child) => once(child, "spawn")));
  const ended = children.slice(0, 2).map((child) => once(child, "exit"));
  assert.deepEqual(await removeTemporaries([{ kind: "processes", path: mark }]), []);
  assert.deepEqual(await Promise.all(ended), [
    [null, "SIGKILL"],
    [null, "SIGKILL"],
  ]);
  assert.deepEqual(
    children.map(({ exitCode, signalCode }) => exitCode ?? signalCode),
    ["SIGKILL", "SIGKILL", null, null, null],
  );
  assert.deepEqual(await removeTemporaries([{ kind: "processes", path: mark }]), []);
});

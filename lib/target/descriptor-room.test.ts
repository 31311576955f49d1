/** How near processes are to their limits: of real ones, each under a limit of its own. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { findFullest } from "./descriptor-room.ts";

const skip = process.platform === "linux" ? false : "needs /proc";

/** Holds its three standard descriptors, and says so once its limit is set. */
async function start(t: TestContext, limit: number): Promise<number> {
  const words = ["-c", `ulimit -n ${limit} && echo set && read -r word`];
  const child = spawn("sh", words, { stdio: ["pipe", "pipe", "ignore"] });
  t.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child.pid as number;
}

test("findFullest() finds who has used most of its own limit, not who has most", { skip }, async (t) => {
  const small = await start(t, 12);
  const large = await start(t, 64);
  const fullest = findFullest([process.pid, large, small]);
  assert.deepEqual([fullest?.pid, fullest?.limit], [small, 12]);
  assert.ok((fullest?.descriptors ?? 0) >= 3);
  assert.equal(findFullest([large])?.limit, 64);
});

test("findFullest() answers null where nobody can be read", { skip }, () => {
  assert.equal(findFullest([]), null);
  assert.equal(findFullest([2 ** 22 + 1]), null);
});

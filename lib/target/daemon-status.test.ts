/** Who a daemon is, by its pid file and the kernel: real processes, listeners and pid files, right and wrong. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { findListeners, parsePid, readDaemonStatus } from "./daemon-status.ts";

async function listen(t: TestContext, host = "127.0.0.1"): Promise<number> {
  const server = createServer();
  server.listen(0, host);
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A pid file with this text, and where it is. */
function pidFile(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "daemon-status-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "daemon.pid");
  writeFileSync(path, text);
  return path;
}

const skip = process.platform === "linux" ? false : "needs /proc";

test("readDaemonStatus() counts a pid whose process lives and listens, over IPv4 and IPv6", {
  skip,
}, async (t) => {
  for (const host of ["127.0.0.1", "::1"]) {
    const port = await listen(t, host);
    const path = pidFile(t, `${process.pid}\n`);
    assert.deepEqual(readDaemonStatus(path, port), { kind: "running", pid: process.pid });
    assert.deepEqual(findListeners(port), [process.pid]);
  }
});

test("readDaemonStatus() counts nobody who is dead, or who only has the pid", { skip }, async (t) => {
  const port = await listen(t);
  const idle = spawn("sleep", ["60"], { stdio: "ignore" });
  t.after(() => idle.kill("SIGKILL"));
  await once(idle, "spawn");
  const why = (text: string, at = port) => {
    const status = readDaemonStatus(pidFile(t, text), at);
    assert.equal(status.kind, "stale");
    return status.kind === "stale" ? status.why : "";
  };
  assert.match(why(`${idle.pid}`), /^pid \d+ sleep 60 does not listen on port \d+$/);
  idle.kill("SIGKILL");
  await once(idle, "exit");
  assert.equal(why(`${idle.pid}`), `no process has the pid ${idle.pid}`);
  assert.match(why("not a pid"), /^the pid file has no pid, but "not a pid"$/);
  // we live, and listen elsewhere
  assert.match(why(`${process.pid}`, 1), /does not listen on port 1$/);
  assert.deepEqual(readDaemonStatus(join(tmpdir(), "no-such-file.pid"), port), { kind: "stopped" });
});

test("parsePid() takes the first line of a pid file, and nobody's pids for none", () => {
  assert.deepEqual(["12", " 12\n", "12\n34", "0", "1", "-5", "", "12 34", "1e3"].map(parsePid), [
    ...[12, 12, 12],
    ...[null, null, null, null, null, null],
  ]);
});

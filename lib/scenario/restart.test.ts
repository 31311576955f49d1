/** Real servers, started and ended in every way: a good one passes each cycle, and what a bad one does wrong is told. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { nodeCommand } from "../target/fixtures/launching.ts";
import { findFreePort } from "../target/free-port.ts";
import { hubSpec } from "../target/hub.ts";
import { completeSpec, type TargetSpec } from "../target/spec.ts";
import type { ContestSettings } from "./contest.ts";
import { valuesOf } from "./fixtures/made-up.ts";
import { type RestartPlan, restartOnce } from "./restart.ts";
import { targetOptions } from "./target-options.ts";
import { createLiveTarget } from "./target-run.ts";

/** Refuses to run twice, as its port is taken then, and goes at SIGTERM. */
const serve = (more = "") => `import { createServer } from "node:net";
  import { spawn } from "node:child_process";
  import { writeFileSync } from "node:fs";
  ${more}
  createServer((socket) => socket.end()).listen({port}, "127.0.0.1", () => console.log("listening"));`;

const server = (code: string): Partial<TargetSpec> => ({
  command: nodeCommand(code),
  url: "tcp://127.0.0.1:{port}",
  ready: "output:listening",
});

async function settingsOf(t: TestContext, spec: TargetSpec, isHub = false): Promise<ContestSettings> {
  const dir = mkdtempSync(join(tmpdir(), "restart-test-"));
  const target = createLiveTarget({
    ...{ spec, isHub, values: valuesOf(targetOptions), intervalMs: 100 },
    ...{ signal: new AbortController().signal, now: () => performance.now(), phase: () => "load" },
    ...{ makeFolder: () => dir, journal: () => {}, onDeath: () => {} },
  });
  t.after(async () => {
    await target.end(0);
    rmSync(dir, { recursive: true, force: true });
  });
  return { target, dir, port: await findFreePort(), stopWithinMs: 3000, loseWithinMs: 10_000 };
}

const PLAN: RestartPlan = { cycle: 3, way: "stop", contest: "none", reusePid: false };

async function restart(
  t: TestContext,
  code: string,
  plan: Partial<RestartPlan> = {},
  patience: Partial<ContestSettings> = {},
) {
  const settings = await settingsOf(t, completeSpec(server(code)));
  return restartOnce({ ...PLAN, ...plan }, { ...settings, ...patience });
}

test("restartOnce() starts a server, looks at it, and finds its stop clean: a server may be ended by the signal", async (t) => {
  const record = await restart(t, serve());
  const { readyAfterMs, stopTookMs, anonymousBytes, workedMs, waitedMs, ...rest } = record;
  assert.deepEqual(rest, {
    ...PLAN,
    ...{ startError: null, contestError: null, crashError: null, stopError: null },
    ...{ left: [], leftFiles: [], finalState: null },
  });
  for (const value of [readyAfterMs, stopTookMs]) assert.ok((value ?? 0) > 0, JSON.stringify(record));
  if (process.platform === "linux") {
    assert.ok((anonymousBytes ?? 0) > 2 ** 20, `${anonymousBytes}`);
    assert.ok((workedMs ?? 0) > 0 && (waitedMs ?? -1) >= 0, `${workedMs}, ${waitedMs}`);
  }
});

test("restartOnce() kills a server, and asks of it no stop", async (t) => {
  const { startError, stopTookMs, stopError, left } = await restart(t, serve(), { way: "kill" });
  assert.deepEqual([startError, stopTookMs, stopError, left], [null, null, null, []]);
});

test("restartOnce() tells why a server did not start, with its words", async (t) => {
  const { startError, readyAfterMs } = await restart(t, 'console.error("no licence"); process.exit(3);');
  assert.match(startError ?? "", /^Cannot start .+ended with exit code 3.*\n {2}\| no licence/s);
  assert.equal(readyAfterMs, null);
});

for (const contest of ["second", "race"] as const) {
  test(`restartOnce() finds nothing wrong where of two (${contest}) one is refused`, async (t) => {
    const { startError, contestError, stopError } = await restart(t, serve(), { contest });
    assert.deepEqual([startError, contestError, stopError], [null, null, null]);
  });
}

/** For those that will not give way. */
const SOON = { loseWithinMs: 100 };
const TOGETHER = 'setInterval(() => {}, 1000); console.log("listening");';

test("restartOnce() tells that of two starts at once both won", async (t) => {
  const { contestError } = await restart(t, TOGETHER, { contest: "race" }, SOON);
  assert.equal(contestError, "of two starts at once both won");
});

test("restartOnce() tells that a second start succeeded", async (t) => {
  const { contestError } = await restart(t, TOGETHER, { contest: "second" }, SOON);
  assert.equal(contestError, "a second start succeeded while the first one ran");
});

test("restartOnce() tells that a second start was refused as if it were a success", async (t) => {
  const code = serve('process.on("uncaughtException", () => process.exit(0));');
  const { contestError } = await restart(t, code, { contest: "second" });
  assert.equal(contestError, "a second start was refused, but ended with exit code 0");
});

test("restartOnce() tells a stop that took force", async (t) => {
  const { stopError } = await restart(
    t,
    serve('process.on("SIGTERM", () => {});'),
    {},
    { stopWithinMs: 100 },
  );
  assert.match(stopError ?? "", /^it had to be killed after \d+ ms$/);
});

test("restartOnce() tells a stop with an exit code that is none of success", async (t) => {
  const { stopError } = await restart(t, serve('process.on("SIGTERM", () => process.exit(4));'));
  assert.equal(stopError, "it ended with exit code 4");
});

test("restartOnce() takes for clean what a shell makes of the signal that the server is stopped by, and of no other", async (t) => {
  const stopWith = async (exitCode: number) => {
    const code = serve(`process.on("SIGINT", () => process.exit(${exitCode}));`);
    const settings = await settingsOf(t, completeSpec({ ...server(code), stopSignal: "SIGINT" }));
    return (await restartOnce(PLAN, settings)).stopError;
  };
  assert.equal(await stopWith(130), null);
  assert.equal(await stopWith(143), "it ended with exit code 143");
});

test("restartOnce() does not tell files that were put there for the server", async (t) => {
  const code = serve('writeFileSync("{dir}/server.pid", String(process.pid));');
  const spec = completeSpec({ ...server(code), files: { "given.lock": "" } });
  const settings = await settingsOf(t, spec);
  const { leftFiles } = await restartOnce(PLAN, settings);
  assert.ok(existsSync(join(settings.dir, "given.lock")));
  assert.deepEqual(leftFiles, ["server.pid"]);
});

test("restartOnce() tells children, lock files and pid files that a stop left", async (t) => {
  const code = serve(`writeFileSync("{dir}/server.pid", String(process.pid));
    writeFileSync("{dir}/server.log", "");
    spawn("sleep", ["1000"], { stdio: "ignore" });`);
  const { left, leftFiles, stopError } = await restart(t, code);
  assert.deepEqual([stopError, leftFiles], [null, ["server.pid"]]);
  assert.deepEqual(
    left.map((line) => line.replace(/\d+ /, "")),
    ["pid sleep 1000"],
  );
});

test("restartOnce() tells a child that outlives the stop and has the port, with nothing of its parent's environment", async (t) => {
  const child =
    'require("node:net").createServer().listen(+process.argv[1], "127.0.0.1", () => process.send(1));';
  const code = `import { fork, spawn } from "node:child_process";
    const child = spawn(process.execPath, ["--eval", ${JSON.stringify(child)}, "{port}"],
      { stdio: ["ignore", "ignore", "ignore", "ipc"], detached: true, env: {} });
    child.once("message", () => console.log("listening"));`;
  const settings = await settingsOf(t, completeSpec(server(code)));
  const { left } = await restartOnce(PLAN, settings);
  assert.match(left.join("\n"), /^pid \d+ .*node/);
});

test("restartOnce() drives the hub: its final state is read once, and a second start says who runs", async (t) => {
  const settings = await settingsOf(t, hubSpec([]), true);
  const record = await restartOnce({ ...PLAN, contest: "second" }, settings);
  const { startError, contestError, stopError, left, finalState } = record;
  assert.deepEqual([startError, contestError, stopError, left], [null, null, null, []]);
  assert.equal(typeof finalState, "object", JSON.stringify(finalState));
  assert.ok(!existsSync(join(settings.dir, "hub.state.json")));
});

test("restartOnce() has the hub crash, which still frees its lock", async (t) => {
  const settings = await settingsOf(t, hubSpec([]), true);
  const crashed = await restartOnce({ ...PLAN, way: "crash" }, settings);
  const { startError, crashError, stopTookMs, left } = crashed;
  assert.deepEqual([startError, crashError, stopTookMs, left], [null, null, null, []]);
  assert.ok(!existsSync(join(settings.dir, "hub.lock")));
  const next = await restartOnce(PLAN, settings);
  assert.deepEqual([next.startError, next.left], [null, []]);
});

test("restartOnce() tells a child that outlives a crash, and the port that it keeps", async (t) => {
  const settings = await settingsOf(t, hubSpec(["--fault", "port-kept-by-child"]), true);
  const { crashError, left } = await restartOnce({ ...PLAN, way: "crash" }, settings);
  assert.equal(crashError, null);
  assert.match(left.join("\n"), new RegExp(`^pid \\d+ .+\nport ${settings.port} still answers$`));
});

/** Asked to crash, it does this instead. */
const crashing = (instead: string) => `import { createServer } from "node:http";
  createServer((request, response) => { ${instead} }).listen({port}, "127.0.0.1", () => console.log("listening"));`;

test("restartOnce() tells a crash that did not happen", async (t) => {
  const crash = async (instead: string, patience: Partial<ContestSettings> = {}) => {
    const spec = completeSpec({ ...server(crashing(instead)), url: "ws://127.0.0.1:{port}/" });
    const settings = { ...(await settingsOf(t, spec)), ...patience };
    return (await restartOnce({ ...PLAN, way: "crash" }, settings)).crashError;
  };
  const unmoved = await crash("response.writeHead(404).end();", SOON);
  assert.equal(unmoved, "it ran on after POST /crash, which said: HTTP 404");
  assert.equal(await crash("process.exit(0);"), "it ended with exit code 0");
});

test("restartOnce() tells a hub that believes in a lock whose pid another process has", async (t) => {
  const settings = await settingsOf(t, hubSpec(["--fault", "reused-pid-believed"]), true);
  const killed = await restartOnce({ ...PLAN, way: "kill" }, settings);
  assert.equal(killed.startError, null);
  const { startError } = await restartOnce({ ...PLAN, reusePid: true }, settings);
  assert.match(startError ?? "", /already running/);
  const lock = JSON.parse(readFileSync(join(settings.dir, "hub.lock"), "utf8"));
  assert.equal(lock.pid, process.pid);
});

test("restartOnce() makes nothing of a lock that is not there", async (t) => {
  const settings = await settingsOf(t, completeSpec(server(serve())));
  writeFileSync(join(settings.dir, "other.txt"), "");
  const { startError, left } = await restartOnce({ ...PLAN, reusePid: true }, settings);
  assert.deepEqual([startError, left], [null, []]);
});

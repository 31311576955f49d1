/** Real programs are started as targets, in every way in which that can go wrong; none is ever left running. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startChild } from "../host/fixtures/child.ts";
import { markedProcesses } from "../host/marked-processes.ts";
import { becomes, launch, nodeCommand, SERVER } from "./fixtures/launching.ts";
import type { LaunchSettings } from "./launch.ts";
import type { TargetSpec } from "./spec.ts";
import { TargetError } from "./target.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const skip = process.platform === "linux" ? false : "needs /proc";

function temporary(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "launch-test-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

/** Collects the marks under which things were started. */
function markers(): { journal: (marker: string) => void; left(): number[] } {
  const all: string[] = [];
  return {
    journal: (marker) => void all.push(marker),
    left: () => all.flatMap((one) => markedProcesses(one)),
  };
}

/** Launches what must not come up, and sees that nothing is left of it. */
async function refused(
  t: TestContext,
  spec: Partial<TargetSpec>,
  more: Partial<LaunchSettings> = {},
): Promise<TargetError> {
  const { journal, left } = markers();
  const error = await launch(t, spec, { journal, ...more }).then(
    () => assert.fail("It was launched"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof TargetError, String(error));
  assert.deepEqual(left(), []);
  return error;
}

test("launchTarget() starts a server, fills in its port and folder, and stops it without force", {
  skip,
}, async (t) => {
  const { journal, left } = markers();
  const target = await launch(
    t,
    { command: nodeCommand(SERVER), url: "http://127.0.0.1:{port}/{dir}", environment: { GIVEN: "{port}" } },
    { journal },
  );
  assert.deepEqual([target.name, target.alive, target.end], ["node", true, null]);
  assert.match(target.url ?? "", new RegExp(`^http://127.0.0.1:${target.port}//.+target-test-`));
  assert.deepEqual(target.pids(), [target.pid]);
  assert.deepEqual(left(), [target.pid]);
  assert.match(readFileSync(`/proc/${target.pid}/environ`, "utf8"), new RegExp(`\\0GIVEN=${target.port}\\0`));
  assert.ok(target.readyAfterMs > 0);
  const { end, forced, left: children } = await target.stop(20_000);
  assert.deepEqual([end?.signal, forced, children], ["SIGTERM", false, []]);
  assert.deepEqual([target.alive, target.end, await target.ended], [false, end, end]);
  assert.deepEqual(target.lastLines(), ["listening"]);
  assert.deepEqual([left(), target.pids()], [[], []]);
});

test("launchTarget() is ready when a line of the output matches", { skip }, async (t) => {
  const code = `process.stdout.write("now rea"); setTimeout(() => process.stdout.write("dy> "), 50); setInterval(() => {}, 1e6)`;
  const target = await launch(t, { command: nodeCommand(code), ready: "output:^now ready>" });
  assert.deepEqual(target.lastLines(), ["now ready>"]);
});

test("launchTarget() without URL and readiness waits until the command has lived for a while", {
  skip,
}, async (t) => {
  const target = await launch(t, { command: ["sleep", "1000"] });
  assert.ok(target.readyAfterMs >= 499);
});

test("launchTarget() quotes a command that ends before it is ready", { skip }, async (t) => {
  const code = `console.error("Cannot read \\u001b[31msettings.json\\u001b[0m"); process.exit(3)`;
  const error = await refused(t, { command: nodeCommand(code), url: "tcp://127.0.0.1:{port}" });
  assert.match(
    error.message,
    /^Cannot start node: expected a connection to 127\.0\.0\.1:\d+, but it ended with exit code 3 before it was ready\n {2}\| Cannot read settings\.json$/,
  );
  assert.equal(error.end?.exitCode, 3);
});

test("launchTarget() says what the last ask got of one that never becomes ready, and ends it", {
  skip,
}, async (t) => {
  const code = `import { createServer } from "node:http";
    createServer((_, response) => response.writeHead(503).end()).listen({port}, "127.0.0.1", () => console.log("starting"));`;
  const spec = { command: nodeCommand(code), ready: "http://127.0.0.1:{port}/health" };
  const error = await refused(t, spec, { readyWithinMs: 1500 });
  assert.match(
    error.message,
    /^Cannot start node: expected an answer from http:\S+\/health within 1500 ms, got HTTP 503\n {2}\| starting$/,
  );
});

test("launchTarget() says in words why a command cannot be executed", { skip }, async (t) => {
  const cases = [
    [["no-such-program"], /expected no-such-program on PATH, got none there$/],
    [["./no/such"], /expected a program \/.*\/no\/such, got none$/],
    [["README.md/x"], /expected a program \S+\/README\.md\/x, got none$/],
    [["lib/target/launch.ts"], /expected \S+\/launch\.ts to be executable, got EACCES$/],
    [["/tmp"], /expected \/tmp to be a program, got a folder$/],
  ] as const;
  for (const [command, words] of cases)
    assert.match((await refused(t, { command, directory: ROOT })).message, words);
  const script = join(temporary(t), "script");
  writeFileSync(script, "#!/no/such/interpreter\n", { mode: 0o755 });
  assert.match(
    (await refused(t, { command: [script] })).message,
    /got ENOENT: its first line names an interpreter/,
  );
  const nowhere = await refused(t, { command: ["sleep", "9"], directory: "/no/such" });
  assert.match(
    nowhere.message,
    /^Cannot start sleep: expected a folder \/no\/such to start it in, got none$/,
  );
  const missing = await refused(t, { command: ["sleep", "9"], requires: ["no-such-helper"] });
  assert.match(missing.message, /expected no-such-helper on PATH/);
});

test("launchTarget() takes another port when the target finds its own taken", { skip }, async (t) => {
  const code = `import { existsSync, writeFileSync } from "node:fs";
    if (existsSync("{dir}/tried")) { ${SERVER.replace(/import.*\n/, "")} }
    else { writeFileSync("{dir}/tried", ""); throw new Error("listen EADDRINUSE: address already in use"); }`;
  const command = nodeCommand(`import { createServer } from "node:http"; ${code}`);
  const target = await launch(t, { command, url: "http://127.0.0.1:{port}/" });
  assert.ok(target.alive);
});

test("launchTarget() takes no other server for the target", { skip }, async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  t.after(() => other.close());
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  const error = await refused(t, { command: ["sleep", "1000"], url: "ws://127.0.0.1:{port}/" }, { port });
  assert.match(
    error.message,
    /expected nobody to answer yet, got a connection to 127\.0\.0\.1:\d+: another server/,
  );
});

test("launchTarget() ends what it started when its signal aborts, before and after it is ready", {
  skip,
}, async (t) => {
  const { journal, left } = markers();
  const controller = new AbortController();
  const waiting = launch(
    t,
    { command: ["sleep", "1000"], ready: "output:never" },
    { journal, signal: controller.signal },
  );
  await becomes(() => left().length === 1, "no process was started");
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, /^Error: enough$/);
  assert.deepEqual(left(), []);
  const second = new AbortController();
  const target = await launch(t, { command: ["sleep", "1000"] }, { journal, signal: second.signal });
  second.abort();
  assert.equal((await target.ended).signal, "SIGTERM");
});

test("stop() kills a target that ignores its signal, and says so", { skip }, async (t) => {
  const code = `process.on("SIGTERM", () => {}); console.log("deaf"); setInterval(() => {}, 1e6)`;
  const target = await launch(t, { command: nodeCommand(code), ready: "output:deaf" });
  const { end, forced, tookMs } = await target.stop(100);
  assert.deepEqual([end?.signal, forced], ["SIGKILL", true]);
  assert.ok(tookMs >= 99);
});

test("stop() names children that outlive the target, and ends them, however far they went", {
  skip,
}, async (t) => {
  const { journal, left } = markers();
  // it has lost its parent, and has a session of its own
  const command = ["sh", "-c", "setsid -f sleep 1001; echo up; exec sleep 1003"];
  const target = await launch(t, { command, ready: "output:up" }, { journal });
  const record = await target.stop(20_000);
  assert.equal(record.forced, false);
  assert.ok(
    record.left.some((line) => /^pid \d+ sleep 1001$/.test(line)),
    String(record.left),
  );
  assert.deepEqual([left(), target.pids()], [[], []]);
});

test("pids() keeps who has lost the mark by writing a title over it, but not the session", {
  skip,
}, async (t) => {
  const command = ["env", "-i", "/bin/sh", "-c", "sleep 1004 & echo up; wait"];
  const target = await launch(t, { command, ready: "output:up" });
  const [, child] = target.pids();
  assert.equal(target.pids().length, 2);
  await target.kill("process");
  assert.deepEqual(target.pids(), [child]);
  const { left } = await target.stop(0);
  assert.deepEqual(left, [`pid ${child} sleep 1004`]);
  assert.deepEqual(target.pids(), []);
});

test("kill() ends the main process alone, or the whole tree", { skip }, async (t) => {
  const command = ["sh", "-c", "sleep 1005 & echo up; wait"];
  const one = await launch(t, { command, ready: "output:up" });
  assert.equal((await one.kill("process")).signal, "SIGKILL");
  assert.equal(one.pids().length, 1);
  const two = await launch(t, { command, ready: "output:up" });
  await two.kill("tree");
  assert.deepEqual(two.pids(), []);
});

test("launchTarget() lowers the limit of descriptors, soft and hard, and keeps the pid", {
  skip,
}, async (t) => {
  const target = await launch(t, { command: ["sleep", "1006"] }, { descriptorLimit: 77 });
  assert.match(readFileSync(`/proc/${target.pid}/limits`, "utf8"), /^Max open files +77 +77 /m);
  assert.match(readFileSync(`/proc/${target.pid}/cmdline`, "utf8"), /^sleep\0/);
});

test("launchTarget() appends words as they are, and writes the files of the target first", {
  skip,
}, async (t) => {
  const files = { "conf/a.conf": "port {port}\n" };
  const command = ["sh", "-c", 'cat "$1"; printf "%s|" "$@"; exec sleep 1007', "sh", "{dir}/conf/a.conf"];
  const target = await launch(t, { command, files, ready: "output:\\|$" }, { extraWords: ["a b", "$(c)"] });
  assert.match(target.lastLines().join("\n"), /^port \d+\n\S+\/conf\/a\.conf\|a b\|\$\(c\)\|$/);
});

test("launchTarget() lets a target open its outputs by name, and keeps their lines in order", {
  skip,
}, async (t) => {
  const code =
    "for n in 1 2 3; do echo out $n > /dev/stdout; echo err $n > /dev/stderr; done; exec sleep 1012";
  const target = await launch(t, { command: ["sh", "-c", code], ready: "output:err 3" });
  assert.deepEqual(target.lastLines(), ["out 1", "err 1", "out 2", "err 2", "out 3", "err 3"]);
});

test("launchTarget() neither holds up a target that floods its output nor loses sight of it", {
  skip,
}, async (t) => {
  const command = nodeCommand(`${SERVER} setInterval(() => process.stdout.write("flood\\n".repeat(1e5)));`);
  const target = await launch(t, { command, url: "http://127.0.0.1:{port}/" });
  await becomes(() => (target.output?.readBytes ?? 0) > 2 ** 25, "the flood was not read");
  assert.equal((await fetch(target.url ?? "")).status, 200);
  assert.ok(target.lastLines().length === 50 && (target.output?.droppedBytes ?? 0) > 0);
  assert.equal((await target.stop(20_000)).forced, false);
});

test("launchTarget() gives a Node target the probe, and none where it is not asked for", {
  skip,
}, async (t) => {
  const command = nodeCommand(`console.log("up", process.env.NODE_OPTIONS); setInterval(() => {}, 1e6)`);
  const spec = { command, ready: "output:up", environment: { NODE_OPTIONS: "--no-warnings" } };
  const target = await launch(t, spec, { probe: true });
  assert.match(target.lastLines().join(), /^up --no-warnings --import=file:\S+\/probe\.mjs$/);
  await becomes(() => target.probePath !== null, "no probe was opened");
  assert.ok(existsSync(target.probePath ?? ""));
  assert.equal((await launch(t, spec)).probePath, null);
});

test("launchTarget() does without the probe where the target's Node is too old for it", {
  skip,
}, async (t) => {
  const command = [
    "sh",
    "-c",
    'case "$NODE_OPTIONS" in *--import*) echo "node: --import= is not allowed in NODE_OPTIONS" >&2; exit 9;; esac; echo up; exec sleep 1008',
  ];
  const target = await launch(t, { command, ready: "output:up" }, { probe: true });
  assert.deepEqual([target.probePath, target.lastLines()], [null, ["up"]]);
});

test("launchTarget() leaves nobody behind when its own process is killed", { skip }, async (t) => {
  const code = `
    import { launchTarget } from "./lib/target/launch.ts";
    import { completeSpec } from "./lib/target/spec.ts";
    import { mkdtempSync } from "node:fs";
    const dir = mkdtempSync("/tmp/target-test-");
    let marker = "";
    const command = ["sh", "-c", "setsid -f sleep 1009; env -i sleep 1010 & echo up; wait"];
    const target = await launchTarget({
      spec: completeSpec({ command, ready: "output:up" }), dir, readyWithinMs: 20000,
      signal: new AbortController().signal, probe: false, journal: (given) => { marker = given; },
    });
    console.log(JSON.stringify({ dir, marker, pids: target.pids() }));`;
  const child = startChild(code);
  const [line] = (await once(child.stdout as NonNullable<typeof child.stdout>, "data")) as [Buffer];
  const { dir, marker, pids } = JSON.parse(String(line)) as { dir: string; marker: string; pids: number[] };
  t.after(() => spawn("rmdir", [dir]));
  assert.ok(pids.length >= 2 && markedProcesses(marker).length >= 2, String(line));
  const closed = once(child, "exit");
  child.kill("SIGKILL");
  await closed;
  const lives = () => [...markedProcesses(marker), ...pids].filter((pid) => existsSync(`/proc/${pid}`));
  await becomes(() => lives().length === 0, "somebody still runs");
});

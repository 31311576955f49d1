/** The probe and the inspector in real targets: what is planted is measured, what is not is not, and the target does not notice. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { RUNTIMES, skipReason } from "../../test/command.ts";
import { KIB, MIB } from "../units.ts";
import { probed } from "./fixtures/probed.ts";
import { startLeakyServer, startProgram } from "./fixtures/program.ts";
import { connectInspector, connectProbe, type HeapReading, type LiveBytes } from "./live-bytes.ts";

const [NODE, NODE_24, DENO] = RUNTIMES;
const nodes = [NODE!, NODE_24!];

/** What collections leave behind differs by so much from one to the next, with the compiler still at work. */
const NOISE = 256 * KIB;

/** Asks until two in a row differ by less than the noise: the runtime has started up. */
async function settled(live: LiveBytes): Promise<HeapReading> {
  let before = await live.read();
  while (true) {
    const now = await live.read();
    if (Math.abs(now.liveBytes - before.liveBytes) < NOISE / 4) return now;
    before = now;
  }
}

for (const { name, command, missing } of nodes) {
  const skip = skipReason(missing);

  test(`connectProbe() sees what a target keeps, on and off the heap, and its timers: ${name}`, {
    skip,
  }, async (t) => {
    const { path, environment } = probed(t);
    const server = startLeakyServer(t, command, environment);
    await server.tell("burn", "1");
    const live = await connectProbe(path);
    t.after(live.close);
    const before = await settled(live);
    assert.ok(Math.abs((await live.read()).liveBytes - before.liveBytes) < NOISE, "silent on health");

    await server.tell("buffers", String(4 * MIB));
    const withBuffers = await live.read();
    assertGrew(before.liveBytes, withBuffers.liveBytes, 4 * MIB);

    const objects = await live.countObjects();
    await server.tell("objects", "50000");
    assertMoreObjects(objects, await live.countObjects(), 50_000);
    const withObjects = await live.read();
    // two fields, a string and its number each
    assert.ok(withObjects.liveBytes - withBuffers.liveBytes > 50_000 * 24);

    for (let at = 0; at < 3; at++) await server.tell("timer", "100000");
    const { resources } = await live.read();
    assert.equal((resources.Timeout ?? 0) - (withObjects.resources.Timeout ?? 0), 3);
  });

  test(`probe.mjs adds less than 1 KiB a reading to an idle server, and no descriptor: ${name}`, {
    skip,
  }, async (t) => {
    const { path, environment } = probed(t);
    // not console.log: stdout's pipe would be one of its resources
    const up = 'require("node:fs").writeSync(1, "up\\n")';
    const program = `require("node:http").createServer().listen(0, "127.0.0.1", () => ${up})`;
    const server = startProgram(t, [command[0]!, "--eval", program], environment);
    await server.line();
    const live = await connectProbe(path);
    t.after(live.close);
    // until the code that answers is compiled
    for (let at = 0; at < 60; at++) await live.read();
    const before = await live.read();
    for (let at = 0; at < 60; at++) await live.read();
    const after = await live.read();
    assert.ok(after.liveBytes - before.liveBytes < 60 * KIB, `${after.liveBytes - before.liveBytes}`);
    assert.deepEqual(after.resources, { TCPServerWrap: 1 });
  });

  test(`probe.mjs changes neither the end of a program nor its listeners: ${name}`, { skip }, async (t) => {
    const program = `
      const count = () => process.eventNames().map((name) => [String(name), process.listenerCount(name)]);
      console.log(JSON.stringify(count()));
      process.exitCode = 7;`;
    const listeners: string[] = [];
    const folder = mkdtempSync(join(tmpdir(), "probe-test-"));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "empty.mjs"), "");
    const without = { NODE_OPTIONS: `--import ${join(folder, "empty.mjs")}` };
    for (const environment of [without, probed(t).environment]) {
      const target = startProgram(t, [command[0]!, "--eval", program], environment);
      const ended = once(target.child, "exit");
      listeners.push(await target.line());
      assert.deepEqual(await ended, [7, null]);
    }
    assert.equal(listeners[1], listeners[0]);
  });

  test(`connectProbe() waits while the target is busy, and adds up a cluster: ${name}`, {
    skip,
  }, async (t) => {
    const { path, environment } = probed(t);
    const program = `
      const cluster = require("node:cluster");
      const { Worker } = require("node:worker_threads");
      if (cluster.isPrimary) {
        new Worker("setInterval(() => {}, 1e6)", { eval: true });
        cluster.fork().on("message", (word) => console.log(word));
      } else {
        process.send("up");
        setInterval(() => { const until = Date.now() + 200; while (Date.now() < until); }, 0);
      }`;
    const file = join(dirname(path), "cluster.cjs");
    writeFileSync(file, program);
    const target = startProgram(t, [command[0]!, file], environment);
    await target.line();
    const live = await connectProbe(path);
    t.after(live.close);
    const { processes, liveBytes } = await live.read();
    assert.equal(processes, 2);
    assert.ok(liveBytes > 4 * MIB);
  });
}

test("connectProbe() says what it expected when nobody listens, and when the target ends", async (t) => {
  const { path, environment } = probed(t);
  await assert.rejects(
    connectProbe(path),
    /^Error: Cannot read live bytes: expected .* at \S+\/probe, got no such socket/,
  );
  const server = startLeakyServer(t, undefined, environment);
  await server.tell("burn", "1");
  const live = await connectProbe(path);
  t.after(live.close);
  const asked = live.read();
  server.child.kill("SIGKILL");
  await assert.rejects(asked, /^Error: Cannot read live bytes: expected .* got its end/);
  await assert.rejects(live.read(), /^Error: Cannot read live bytes: expected .* got /);
});

test("connectInspector() sees what a Node keeps, and lets it go when it ends", async (t) => {
  for (const { command, missing } of nodes) {
    if (skipReason(missing)) continue;
    const server = startLeakyServer(t, [command[0]!, "--inspect=127.0.0.1:0", ...command.slice(1)]);
    const live = await connectInspector(await inspectorOf(server.child.stderr!));
    t.after(live.close);
    await assertSeesBuffers(live, server.tell);
    const ended = once(server.child, "exit");
    server.child.stdin!.end();
    // it would wait for us: "Waiting for the debugger to disconnect..."
    assert.deepEqual((await ended).slice(0, 1), [0]);
    await assert.rejects(live.read(), /Cannot ask the inspector: expected an answer/);
  }
});

test("connectInspector() sees what a Deno keeps", { skip: skipReason(DENO!.missing) }, async (t) => {
  const [deno = "", ...rest] = DENO!.command;
  const server = startLeakyServer(t, [deno, rest[0]!, "--inspect=127.0.0.1:0", ...rest.slice(1)]);
  const live = await connectInspector(await inspectorOf(server.child.stderr!));
  t.after(live.close);
  await assertSeesBuffers(live, server.tell);
});

test("connectInspector() says what it expected when something else listens there, or nobody", async (t) => {
  await assert.rejects(
    connectInspector("127.0.0.1:1"),
    /^TargetError: Cannot connect to the inspector: expected a Node or Deno with --inspect at 127.0.0.1:1, got ECONNREFUSED/,
  );
  for (const body of ["no JSON", "[]", '[{"webSocketDebuggerUrl":7}]']) {
    const address = await serve(t, `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await assert.rejects(connectInspector(address), /got something else$/);
  }
  await assert.rejects(
    connectInspector(await serve(t, "SSH-2.0-OpenSSH\r\n")),
    /^TargetError: Cannot connect/,
  );
});

async function assertSeesBuffers(live: LiveBytes, tell: (command: string, argument?: string) => unknown) {
  await tell("burn", "1");
  const before = await settled(live);
  await tell("buffers", String(4 * MIB));
  assertGrew(before.liveBytes, (await live.read()).liveBytes, 4 * MIB);
  const objects = await live.countObjects();
  await tell("objects", "5000");
  assertMoreObjects(objects, await live.countObjects(), 5000);
}

/** Others come and go meanwhile. */
function assertMoreObjects(before: number, after: number, by: number) {
  assert.ok(Math.abs(after - before - by) < by / 10, `${after - before} objects are not ${by}`);
}

function assertGrew(before: number, after: number, by: number) {
  assert.ok(Math.abs(after - before - by) < NOISE, `${after - before} is not ${by}`);
}

/** "Debugger listening on ws://127.0.0.1:39741/…" */
async function inspectorOf(stderr: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stderr })) {
    const address = /ws:\/\/(127\.0\.0\.1:\d+)\//.exec(line)?.[1];
    if (address) return address;
  }
  throw new Error("It never told its inspector's address");
}

async function serve(t: TestContext, answer: string): Promise<string> {
  const server = createServer((socket) => socket.on("error", () => {}).end(answer)).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}

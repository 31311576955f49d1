/** Real trees of processes: each leak that is planted is seen in its gauge, by as much as was planted. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { runChild } from "../host/fixtures/child.ts";
import { MIB } from "../units.ts";
import { type Program, startLeakyServer, startProgram } from "./fixtures/program.ts";
import { takeInventory } from "./inventory.ts";
import { isAlive } from "./process-files.ts";
import { descendants } from "./process-tree.ts";
import { openTreeReader, type TreeReader, type TreeReadings } from "./tree-readings.ts";

/** A parent with 50 MiB and eight workers that share it; told so, the last one writes 20 MiB of its own. */
const PREFORK = `
import os, sys
heap = bytearray(os.urandom(1 << 20) * 50)
told, tell = os.pipe()
done, say = os.pipe()
for worker in range(8):
    if os.fork() == 0:
        os.close(tell)
        line = os.read(told, 1)
        if line: more = bytearray(b"x" * (20 << 20)); os.write(say, b"x")
        os.read(told, 1)
        os._exit(0)
print("up", flush=True)
sys.stdin.readline()
os.write(tell, b"x")
os.read(done, 1)
print("grown", flush=True)
sys.stdin.readline()
`;

const skip = process.platform === "linux" ? false : "needs /proc";

function open(t: TestContext, { pid }: Program): TreeReader {
  const reader = openTreeReader(() => descendants(pid));
  t.after(reader.close);
  return reader;
}

test("openTreeReader() reads every gauge of a python3, and no reason for a missing one", {
  skip,
}, async (t) => {
  const program = startProgram(t, ["python3", "-c", 'print("up",flush=True)\ninput()']);
  await program.line();
  const reader = open(t, program);
  const readings = await recount(reader);
  assert.deepEqual([readings.processes, readings.threads, readings.sockets], [1, 1, 0]);
  assert.equal(readings.descriptors, readdirSync(`/proc/${program.pid}/fd`).length);
  assert.ok(readings.rssBytes! > 4 * MIB && readings.anonymousBytes! < readings.rssBytes!);
  const { pssBytes, pssAnonymousBytes, reason } = await reader.weigh();
  assert.ok(pssBytes! > MIB && pssBytes! <= readings.rssBytes! + MIB);
  assert.ok(pssAnonymousBytes! <= pssBytes!);
  // of a process that shares with nobody, both ways to count anonymous memory agree
  assert.ok(Math.abs(pssAnonymousBytes! - readings.anonymousBytes!) < MIB);
  assert.equal(reason, null);
  assert.equal(reader.reasons().size, 0);
});

test("openTreeReader() sees descriptors, memory and processor time of a Node", {
  skip,
}, async (t) => {
  const server = startLeakyServer(t);
  await server.tell("burn", "1");
  const reader = open(t, server);
  const before = reader.read();
  for (let at = 0; at < 20; at++) await server.tell("descriptor", "/dev/null");
  await server.tell("buffers", String(64 * MIB));
  await server.tell("burn", "200");
  const after = reader.read();
  assert.equal(after.descriptors, readdirSync(`/proc/${server.pid}/fd`).length);
  // the runtime itself may close one or two that it needed to start
  assert.ok(after.descriptors! - before.descriptors! > 15);
  // what a collection frees meanwhile is far less than half of it
  assert.ok(after.anonymousBytes! - before.anonymousBytes! > 32 * MIB);
  assert.ok(after.cpuMs! - before.cpuMs! >= 150);
});

test("openTreeReader() counts a child at the next reading, and its time still when it has ended", {
  skip,
}, async (t) => {
  const shell = startProgram(t, [
    "sh",
    "-c",
    "echo up; read line; sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo worked; read line'; echo over; read line",
  ]);
  await shell.line();
  const reader = open(t, shell);
  const before = reader.read();
  assert.equal(before.processes, 1);
  shell.child.stdin!.write("\n");
  await shell.line();
  const working = reader.read();
  assert.equal(working.processes, 2);
  assert.ok(working.cpuMs! > before.cpuMs!);
  shell.child.stdin!.write("\n");
  await shell.line();
  const after = reader.read();
  assert.equal(after.processes, 1);
  assert.ok(after.cpuMs! >= working.cpuMs!, "a counter does not fall");
});

test("weigh() counts a heap that eight forked workers share once, where statm counts it for each", {
  skip,
}, async (t) => {
  const pool = startProgram(t, ["python3", "-c", PREFORK]);
  await pool.line();
  const reader = open(t, pool);
  const { anonymousBytes, processes } = reader.read();
  const { pssAnonymousBytes } = await reader.weigh();
  assert.equal(processes, 9);
  assert.ok(anonymousBytes! > 400 * MIB, `${anonymousBytes}`);
  assert.ok(pssAnonymousBytes! > 50 * MIB && pssAnonymousBytes! < 100 * MIB, `${pssAnonymousBytes}`);
  // what a worker writes to becomes its own: growth is seen as it is
  pool.child.stdin!.write("\n");
  await pool.line();
  const grown = (await reader.weigh()).pssAnonymousBytes! - pssAnonymousBytes!;
  assert.ok(grown > 18 * MIB && grown < 24 * MIB, `${grown}`);
});

test("openTreeReader() tells sockets by state on the target's port: one left in CLOSE_WAIT is seen", {
  skip,
}, async (t) => {
  for (const host of ["127.0.0.1", "::"]) {
    const server = startLeakyServer(t);
    const port = (await server.tell("listen", host))!;
    const reader = open(t, server);
    assert.deepEqual(socketsOf(await recount(reader)), [0, 0, 0]);
    const clients = [await connectTo(port), await connectTo(port), await connectTo(port)];
    t.after(() => {
      for (const client of clients) client.destroy();
    });
    assert.deepEqual(socketsOf(await recount(reader)), [3, 3, 0], host);
    clients[0]!.end();
    // the end travels after what was asked for before it: the answer of its own connection would not tell
    await until(async () => (await recount(reader)).socketsCloseWait === 1);
    assert.deepEqual(socketsOf(await recount(reader)), [3, 2, 1], host);
  }
});

test("openTreeReader() reads null of everything, with the reason, when the root has ended", {
  skip,
}, async (t) => {
  const program = startProgram(t, ["sleep", "1000"]);
  const reader = open(t, program);
  const held = readdirSync("/proc/self/fd").length;
  assert.equal(reader.read().processes, 1);
  program.child.kill("SIGKILL");
  await once(program.child, "exit");
  const readings = reader.read();
  assert.deepEqual(new Set(Object.values(readings)), new Set([null]));
  assert.deepEqual([...reader.reasons().keys()].sort(), Object.keys(readings).sort());
  assert.equal(reader.reasons().get("rssBytes"), `pid ${program.pid} has ended`);
  const nothing = { pssBytes: null, pssAnonymousBytes: null, reason: "there was no process" };
  assert.deepEqual(await reader.weigh(), nothing);
  assert.ok(readdirSync("/proc/self/fd").length < held, "its files are closed");
});

test("openTreeReader() keeps nothing open once it is closed", { skip }, (t) => {
  const program = startProgram(t, ["sleep", "1000"]);
  const before = readdirSync("/proc/self/fd").length;
  const reader = openTreeReader(() => [program.pid]);
  reader.read();
  reader.close();
  assert.equal(readdirSync("/proc/self/fd").length, before);
  // what it had may be somebody else's by now
  reader.close();
  assert.equal(readdirSync("/proc/self/fd").length, before);
});

test("weigh() counts nothing for a child that has ended and was not waited for", { skip }, async (t) => {
  const code = "import os, time; os.fork() or os._exit(0); print('forked', flush=True); time.sleep(1000)";
  const program = startProgram(t, ["python3", "-c", code]);
  await program.line();
  const child = descendants(program.pid).find((pid) => pid !== program.pid) ?? 0;
  await until(async () => !isAlive(child));
  const reader = openTreeReader(() => [program.pid, child]);
  t.after(() => reader.close());
  reader.read();
  const { pssBytes, pssAnonymousBytes, reason } = await reader.weigh();
  assert.ok(pssBytes! > 0 && pssAnonymousBytes! > 0, `${reason}`);
  assert.equal(takeInventory([program.pid, child]).notRead, 0);
});

test("openTreeReader() reads on when we have no descriptor left, and finds new children and sockets by its spare one", {
  skip,
}, async () => {
  const code = `
    import { spawn } from "node:child_process";
    import { once } from "node:events";
    import { openSync, readdirSync, writeSync } from "node:fs";
    import { openTreeReader } from "./lib/target/tree-readings.ts";
    import { descendants } from "./lib/target/process-tree.ts";
    import { takeInventory } from "./lib/target/inventory.ts";
    const family = 'read line; sleep 1000 & echo $!; read line; kill $!';
    const child = spawn("sh", ["-c", family], { stdio: ["pipe", "pipe", "inherit"] });
    const reader = openTreeReader(() => descendants(child.pid));
    const before = reader.read();
    let refused;
    while (!refused) try { openSync("/dev/null"); } catch ({ code }) { refused = code; }
    child.stdin.write("\\n");
    await once(child.stdout, "data");
    await reader.recountSockets();
    const after = reader.read();
    const { pssBytes: pss } = await reader.weigh();
    const inventory = takeInventory(descendants(child.pid));
    child.stdin.write("\\n");
    writeSync(1, JSON.stringify({ refused, before, after, pss, reasons: [...reader.reasons()], processes: inventory.processes.length, descriptors: inventory.descriptors.length }));`;
  const { refused, before, after, pss, reasons, processes, descriptors } = (await runChild(code, {
    descriptors: 96,
  })) as {
    refused: string;
    before: TreeReadings;
    after: TreeReadings;
    pss: number;
    reasons: unknown[];
    processes: number;
    descriptors: number;
  };
  assert.equal(refused, "EMFILE");
  assert.deepEqual(reasons, []);
  assert.deepEqual([before.processes, after.processes, processes], [1, 2, 2]);
  assert.equal(after.descriptors, descriptors);
  assert.ok(pss > 0);
});

async function connectTo(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").resume();
  await once(socket, "connect");
  return socket;
}

function socketsOf({ sockets, socketsEstablished, socketsCloseWait }: TreeReadings) {
  return [sockets, socketsEstablished, socketsCloseWait];
}

/** The sockets as they are now: beside many on the box they are counted less often than read. */
async function recount(reader: TreeReader): Promise<TreeReadings> {
  await reader.recountSockets();
  return reader.read();
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await turn();
}

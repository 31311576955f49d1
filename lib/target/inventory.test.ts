/** A leak of every kind is planted in a real process, and is told by name and number; without one, nothing is told. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, unlinkSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { startLeakyServer, startProgram } from "./fixtures/program.ts";
import { countKinds, takeInventory, whatStayed } from "./inventory.ts";
import { descendants } from "./process-tree.ts";

const skip = process.platform === "linux" ? false : "needs /proc";

test("whatStayed() names a socket left in CLOSE_WAIT, a deleted file and a child of a Node", {
  skip,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "inventory-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const server = startLeakyServer(t);
  const port = (await server.tell("listen", "127.0.0.1"))!;
  const before = takeInventory(descendants(server.pid));
  const file = join(folder, "spool");
  await server.tell("descriptor", file);
  unlinkSync(file);
  await server.tell("child", "setInterval(()=>{},1e6)//\u001b[2J");
  const client = connect(port, "127.0.0.1").resume();
  await once(client, "connect");
  const peer = client.localPort;
  client.end();
  const name = `socket 127.0.0.1:${port} ← 127.0.0.1:${peer} CLOSE_WAIT`;
  const has = () => takeInventory(descendants(server.pid)).descriptors.some((one) => one.name === name);
  while (!has()) await turn();
  client.destroy();
  const after = takeInventory(descendants(server.pid));
  const lines = whatStayed(before, after, 100);
  assert.ok(lines.includes(`1 × ${name}`), lines.join("\n"));
  assert.ok(lines.includes(`1 × ${file} (deleted)`), lines.join("\n"));
  assert.ok(
    lines.some((line) => /^1 × process \S*node --eval setInterval\(\(\)=>\{\},1e6\)\/\/ \[2J/.test(line)),
    lines.join("\n"),
  );
  assert.equal(after.notRead, 0);
});

test("whatStayed() stays silent when nothing has changed", { skip }, async (t) => {
  const program = startProgram(t, ["sh", "-c", "echo up; read line"]);
  await program.line();
  const look = () => takeInventory(descendants(program.pid));
  assert.deepEqual(whatStayed(look(), look()), []);
});

test("takeInventory() tells files, pipes, devices, sockets of every family and threads by name", {
  skip,
}, async (t) => {
  const program = `
import os, select, socket, threading, time
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(("127.0.0.1", 0))
tcp = socket.socket(socket.AF_INET6); tcp.bind(("::1", 0)); tcp.listen()
unix = socket.socket(socket.AF_UNIX); unix.bind("\\0inventory test\\x1b[2J %d" % os.getpid()); unix.listen()
pipe = os.pipe(); poll = select.epoll(); null = open("/dev/null")
def work():
    open("/proc/self/task/%d/comm" % threading.get_native_id(), "w").write("worker")
    print(udp.getsockname()[1], tcp.getsockname()[1], flush=True)
    time.sleep(1000)
threading.Thread(target=work).start()`;
  const { pid, line } = startProgram(t, ["python3", "-c", program]);
  const [udp, tcp] = (await line()).split(" ");
  const inventory = takeInventory([pid]);
  const { descriptors, threads, processes } = inventory;
  const names = descriptors.map(({ kind, name }) => `${kind}: ${name}`);
  for (const expected of [
    `socket: udp socket 127.0.0.1:${udp}`,
    `socket: socket [::1]:${tcp} LISTEN`,
    `socket: unix socket @inventory test [2J ${pid} LISTEN`,
    "anon: anon_inode:[eventpoll]",
    "device: /dev/null",
  ]) {
    assert.ok(names.includes(expected), `${expected} in\n${names.join("\n")}`);
  }
  assert.equal(
    descriptors.filter(({ kind, name }) => kind === "pipe" && name.startsWith("pipe:[")).length >= 2,
    true,
  );
  const kinds = countKinds(inventory);
  // Node gives a child sockets in place of pipes, too
  assert.ok((kinds?.socket ?? 0) >= 3 && kinds?.anon === 1, JSON.stringify(kinds));
  assert.equal(
    Object.values(kinds ?? {}).reduce((sum, number) => sum + number, 0),
    descriptors.length,
  );
  assert.ok(threads.some(({ name }) => name === "worker"));
  assert.match(processes[0]?.command ?? "", /^\S*python3/);
  assert.equal(readFileSync(`/proc/${pid}/comm`, "utf8").includes("python3"), true);
});

test("takeInventory() passes over a process that has ended, which holds nothing", { skip }, () => {
  const { descriptors, processes, notRead } = takeInventory([2 ** 22 + 1]);
  assert.deepEqual([descriptors, processes, notRead], [[], [], 0]);
  assert.equal(countKinds(takeInventory([2 ** 22 + 1])), null);
});

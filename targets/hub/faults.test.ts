/** Every fault is seen to break its promise, by the plainest probe there is, where the healthy hub keeps it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { io } from "socket.io-client";
import { allEnded, findDescendants } from "../../test/remains.ts";
import { BEHAVIOURS, FAULTS, type FaultName, listPlanted } from "./faults.ts";
import {
  anonymousBytes,
  closeCode,
  descriptorsOf,
  openClient,
  openSilentClient,
  privateFolder,
  type RunningHub,
  socketStates,
  spawnHub,
  startHub,
} from "./fixtures/running-hub.ts";

/** Starts a hub, healthy or not, and says what became of the promise: the same probe answers true for a broken one alone. */
type Probe = (t: TestContext, words: readonly string[]) => Promise<boolean>;

const MIB = 2 ** 20;

const PROBES: Record<FaultName, Probe> = {
  "ring-unbounded": async (t, words) => {
    const hub = await startHub(t, [...words, "--ring", "5"]);
    await hub.publish(10);
    return (await hub.stats()).events.ring > 5;
  },
  "ttl-ignored": async (t, words) => {
    const hub = await startHub(t, [...words, "--ttl", "100", "--sweep-ms", "20"]);
    await hub.publish(1);
    return (await hub.becomes(({ uptimeMs }) => uptimeMs > 1000)).events.oldestAgeMs > 400;
  },
  "log-on-heap": async (t, words) => {
    const hub = await startHub(t, words);
    await hub.publish(250);
    return (await hub.stats()).log > 200;
  },
  "buffers-outside-heap": (t, words) => growsByBatches(t, words),
  "timers-never-cleared": async (t, words) => {
    const hub = await startHub(t, words);
    const before = (await hub.stats()).timers;
    await hub.publish(20);
    return (await hub.stats()).timers === before + 20;
  },
  "late-leak": async (t, words) => {
    const hub = await startHub(t, [...words, "--late-after-ms", "1500", "--leak-bytes", String(MIB)]);
    const atFirst = await grownMiB(hub, () => hub.publish(40));
    await hub.becomes(({ uptimeMs }) => uptimeMs > 1600);
    return atFirst < 20 && (await grownMiB(hub, () => hub.publish(40))) > 35;
  },
  "slow-leak-under-sawtooth": (t, words) => growsByBatches(t, words),
  "descriptor-per-n": async (t, words) => {
    const hub = await startHub(t, words);
    const before = nullDescriptors(hub);
    await hub.publish(100);
    return nullDescriptors(hub) === before + 2;
  },

  "lock-left": async (t, words) => {
    const hub = await startHub(t, words);
    await hub.stop();
    const left = existsSync(join(hub.dir, "hub.lock"));
    // the broken promise is that file alone: the next one starts
    assert.equal((await (await startHub(t, words, { dir: hub.dir })).stop()).code, 0);
    return left;
  },
  "lock-kept-on-crash": async (t, words) => {
    const dir = privateFolder(t);
    const crashed = await startHub(t, words, { dir });
    await fetch(`${crashed.url}/crash`, { method: "POST" });
    assert.equal((await crashed.ended).code, 70);
    return isRefused(t, dir, words);
  },
  "dead-pid-believed": async (t, words) => {
    const killed = await startHub(t, words);
    await killed.stop("SIGKILL");
    return isRefused(t, killed.dir, words);
  },
  "reused-pid-believed": async (t, words) => {
    const dir = privateFolder(t);
    const other = spawn("sleep", ["60"]);
    t.after(() => void other.kill("SIGKILL"));
    writeFileSync(join(dir, "hub.lock"), JSON.stringify({ pid: other.pid, startTicks: 1 }));
    return isRefused(t, dir, words);
  },
  "port-kept-by-child": async (t, words) => {
    const hub = await startHub(t, words);
    endSleepers(t, hub.pid);
    assert.equal((await hub.stop()).code, 0);
    const kept = socketStates(hub.port).includes("0A");
    assert.equal(await canListen(hub.port), !kept);
    return kept;
  },
  "sigterm-ignored": async (t, words) => {
    const hub = await startHub(t, words);
    hub.child.kill("SIGTERM");
    // one that obeys says so, or is gone, once it has seen the signal: a question may be read before it
    for (let asked = 0; asked < 20; asked++) {
      const answer = await fetch(`${hub.url}/health`).catch(() => null);
      if (answer?.status !== 200) return false;
      await delay(50);
    }
    return true;
  },
  "non-zero-exit": async (t, words) => (await (await startHub(t, words)).stop()).code === 1,
  "state-not-idle": async (t, words) => {
    const hub = await startHub(t, words);
    await hub.stop();
    return JSON.parse(readFileSync(join(hub.dir, "hub.state.json"), "utf8")).state !== "idle";
  },
  "slower-every-start": async (t, words) => {
    const dir = privateFolder(t);
    // as if there had been so many: a hub that is healthy does not look
    writeFileSync(join(dir, "hub.starts"), "40");
    const startedMs = performance.now();
    await (await startHub(t, words, { dir })).stop();
    const counted = readFileSync(join(dir, "hub.starts"), "utf8") === "41";
    return counted && performance.now() - startedMs > 2000;
  },
  "pid-file-left": async (t, words) => {
    const hub = await startHub(t, words);
    await hub.stop();
    return existsSync(join(hub.dir, "hub.pid"));
  },
  "child-left": async (t, words) => {
    const hub = await startHub(t, words);
    const children = endSleepers(t, hub.pid);
    await hub.stop();
    assert.ok(children.every((pid) => existsSync(`/proc/${pid}`)));
    return children.length === 1;
  },

  "no-cap": async (t, words) => (await admitted(t, words)) === 4,
  "cap-off-by-one": async (t, words) => (await admitted(t, words)) === 3,
  "kept-after-destroy": async (t, words) => {
    const hub = await startHub(t, words);
    const [polite, abrupt] = [await openClient(t, hub), await openClient(t, hub)];
    const socket = io(hub.url, { transports: ["websocket"], reconnection: false });
    await once(socket as never, "connect");
    polite.close();
    await hub.becomes(({ subscribers }) => subscribers === 2);
    abrupt.terminate();
    socket.io.engine.close();
    const { subscribers } = await hub.becomes(({ connections }) => connections === 1);
    assert.ok(subscribers === 0 || subscribers === 2);
    return subscribers === 2;
  },
  "kept-after-exception": async (t, words) => {
    const hub = await startHub(t, words);
    const client = await openClient(t, hub);
    client.send('{"type":"boom"}');
    assert.equal(await closeCode(client), 1011);
    return (await hub.becomes(({ connections }) => connections === 1)).subscribers === 1;
  },
  "removed-twice": async (t, words) => {
    const hub = await startHub(t, words);
    (await openClient(t, hub)).close();
    return (await hub.becomes(({ connections }) => connections === 1)).subscribers < 0;
  },
  "half-open-kept": async (t, words) => {
    const hub = await startHub(t, [...words, "--heartbeat-ms", "50"]);
    await openSilentClient(t, hub);
    return (await hub.becomes(({ uptimeMs }) => uptimeMs > 1000)).subscribers === 1;
  },
  "descriptor-per-connections": async (t, words) => {
    const hub = await startHub(t, words);
    const before = nullDescriptors(hub);
    for (let round = 0; round < 20; round++) (await openClient(t, hub)).close();
    return nullDescriptors(hub) === before + 2;
  },
  "memory-per-connection": async (t, words) => {
    const hub = await startHub(t, [...words, "--leak-bytes", String(MIB)]);
    const visit = async () => {
      for (let round = 0; round < 40; round++) (await openClient(t, hub)).terminate();
    };
    return (await grownMiB(hub, visit)) > 35;
  },
  "socket-kept": async (t, words) => {
    const hub = await startHub(t, [...words, "--heartbeat-ms", "50"]);
    (await openSilentClient(t, hub)).end();
    await hub.becomes(({ subscribers, peakSubscribers }) => subscribers === 0 && peakSubscribers === 1);
    // longer than any heartbeat that would have found it
    await hub.becomes(({ uptimeMs }) => uptimeMs > 1000);
    return socketStates(hub.port).includes("08");
  },
  "wrong-close-code": async (t, words) => {
    const hub = await startHub(t, [...words, "--cap", "0"]);
    const socket = io(hub.url, { transports: ["websocket"], reconnection: false });
    const [error] = await once(socket as never, "connect_error");
    socket.disconnect();
    const code = await closeCode(await openClient(t, hub));
    assert.equal(error.data.code, code);
    return code !== 1013;
  },
};

describe("a fault breaks its promise, and the healthy hub keeps it", () => {
  for (const [name, probe] of Object.entries(PROBES)) {
    const { breaks } = FAULTS[name as FaultName];
    test(`${name}: ${breaks}`, async (t) => {
      assert.equal(await probe(t, []), false, "the healthy one");
      assert.equal(await probe(t, ["--fault", name]), true, "the broken one");
    });
  }
});

test("listPlanted() names every fault and behaviour, with its scenario and a sentence", () => {
  const { faults, behaviours } = JSON.parse(listPlanted(true));
  const [first] = Object.keys(FAULTS);
  assert.deepEqual(
    [faults.length, behaviours.length],
    [Object.keys(FAULTS).length, Object.keys(BEHAVIOURS).length],
  );
  assert.deepEqual(faults[0], { name: first, ...FAULTS["ring-unbounded"] });
  for (const name of [...Object.keys(FAULTS), ...Object.keys(BEHAVIOURS)])
    assert.match(listPlanted(false), new RegExp(`^ {2}${name} +[a-z-]+ +\\w`, "m"));
});

/** By how much what a batch leaves behind adds up; nearly nothing where nothing is left. */
async function growsByBatches(t: TestContext, words: readonly string[]): Promise<boolean> {
  const hub = await startHub(t, [...words, "--leak-bytes", String(MIB)]);
  return (await grownMiB(hub, () => hub.publish(60))) > 50;
}

async function grownMiB(hub: RunningHub, load: () => Promise<unknown>): Promise<number> {
  const before = anonymousBytes(hub.pid);
  await load();
  return (anonymousBytes(hub.pid) - before) / MIB;
}

const nullDescriptors = (hub: RunningHub) => descriptorsOf(hub.pid).filter((to) => to === "/dev/null").length;

/** How many of four clients find room under a cap of two. */
async function admitted(t: TestContext, words: readonly string[]): Promise<number> {
  const hub = await startHub(t, [...words, "--cap", "2"]);
  for (let client = 0; client < 4; client++) await openClient(t, hub);
  const { subscribers, refused } = await hub.becomes((stats) => stats.subscribers + stats.refused === 4);
  assert.equal(subscribers + refused, 4);
  return subscribers;
}

/** Whether a start there says that one runs already. No one does. */
async function isRefused(t: TestContext, dir: string, words: readonly string[]): Promise<boolean> {
  const { child, ended } = spawnHub(t, ["--dir", dir, ...words]);
  const up = once(child.stdout, "data").then(() => null);
  const end = await Promise.race([ended, up]);
  if (end) assert.match(end.stderr, /^already running \(pid \d+\)$/m);
  return end?.code === 75;
}

/** The children of a hub that only sleep; they end with the test. */
function endSleepers(t: TestContext, pid: number): number[] {
  const isSleeper = (child: { pid: number }) =>
    readFileSync(`/proc/${child.pid}/comm`, "utf8").trim() === "sleep";
  const sleepers = findDescendants(pid).filter(isSleeper);
  t.after(async () => {
    for (const sleeper of sleepers) process.kill(sleeper.pid, "SIGKILL");
    await allEnded(sleepers);
  });
  return sleepers.map((sleeper) => sleeper.pid);
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer();
  const refused = once(server, "error").then(() => false);
  server.listen(port, "127.0.0.1");
  const can = await Promise.race([once(server, "listening").then(() => true), refused]);
  server.close();
  return can;
}

/** Every target file in targets/ is one, and where its program is installed, it is started, asked and stopped for real. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { request } from "undici";
import { WebSocket } from "ws";
import { markedProcesses } from "../lib/host/marked-processes.ts";
import { questionsOf } from "../lib/target/fixtures/questions.ts";
import { type HealthMonitor, watchHealth } from "../lib/target/health.ts";
import { launchTarget } from "../lib/target/launch.ts";
import { watchGauges } from "../lib/target/named-gauges.ts";
import type { Target } from "../lib/target/target.ts";
import { readTargetFile } from "../lib/target/target-file.ts";
import { ROOT, skipReason, temporaryFolder } from "./command.ts";
import { lookFor, lookForModule } from "./installed.ts";

const FOLDER = join(ROOT, "targets");
const NAMES = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -".json".length));

interface Example {
  /** What the file needs and may not be here; null when it is. */
  readonly missing: () => string | null;
  /** Speaks with it as its clients do. */
  readonly use: (target: Target) => Promise<void>;
  readonly gauges: readonly string[];
}

const EXAMPLES: Record<string, Example> = {
  hub: {
    missing: () => null,
    gauges: ["subscribers", "ringEvents", "timers"],
    async use({ port }) {
      const { statusCode } = await request(`http://127.0.0.1:${port}/stats`);
      assert.equal(statusCode, 200);
    },
  },
  redis: {
    missing: () => lookFor("redis-server"),
    gauges: [],
    use: ({ port }) => says(port, "PING\r\n", /^\+PONG\r\n/),
  },
  nginx: {
    missing: () => lookFor("nginx"),
    gauges: ["activeConnections", "waitingConnections"],
    async use({ url, pids }) {
      const { statusCode, body } = await request(url ?? "");
      assert.deepEqual([statusCode, await body.text()], [200, "ok"]);
      assert.equal(pids().length, 3, "a master and two workers");
    },
  },
  mosquitto: {
    missing: () => lookFor("mosquitto"),
    gauges: [],
    async use({ url }) {
      const socket = new WebSocket(url ?? "", "mqtt");
      await once(socket, "open");
      // CONNECT of MQTT 3.1.1 with a clean session, no name and 60 s to live; CONNACK says 0: accepted
      socket.send(Buffer.from("100c00044d5154540402003c0000", "hex"));
      const [answer] = (await once(socket, "message")) as [Buffer];
      assert.equal(answer.toString("hex"), "20020000");
      socket.terminate();
    },
  },
  "python-websockets": {
    missing: () => lookForModule("websockets"),
    gauges: [],
    use: echoes,
  },
  "nginx-limit": {
    missing: () => lookFor("nginx") ?? lookForModule("websockets"),
    gauges: [],
    use: echoes,
  },
};

async function echoes({ url }: Target): Promise<void> {
  const socket = new WebSocket(url ?? "");
  await once(socket, "open");
  socket.send("größe");
  const [answer] = (await once(socket, "message")) as [Buffer];
  assert.equal(String(answer), "größe");
  socket.close();
  await once(socket, "close");
}

test("every target file has an example of its use here", () => {
  assert.deepEqual(NAMES.sort(), Object.keys(EXAMPLES).sort());
});

for (const [name, { missing, use, gauges: expected }] of Object.entries(EXAMPLES)) {
  const skip = skipReason(process.platform === "linux" ? missing() : "needs /proc");
  test(`targets/${name}.json starts, answers, tells its gauges, is seen not to answer while it is stopped, and ends without a leftover`, {
    skip,
  }, async (t) => {
    const { target, marker } = await start(t, name);
    assert.equal(target.name, name);
    await use(target);
    const gauges = watchGauges(target.spec.gauges, 1e6);
    t.after(() => gauges.stop());
    const values = await gauges.refresh();
    assert.deepEqual(Object.keys(values).sort(), [...expected].sort());
    for (const gauge of expected) assert.equal(typeof values[gauge], "number", gauges.reasons.get(gauge));
    const health = watchHealth(questionsOf(target.spec), 1e6, 1000);
    t.after(() => health.stop());
    await health.answered();
    const { by, failures } = health.record();
    assert.deepEqual([by === "accept", failures], [false, []]);
    await seeOutage(target, health);
    const { end, forced, left } = await target.stop(20_000);
    assert.deepEqual([end?.exitCode, forced, left], [0, false, []], target.lastLines().join("\n"));
    assert.deepEqual([target.pids(), markedProcesses(marker)], [[], []]);
  });
}

async function start(t: TestContext, name: string): Promise<{ target: Target; marker: string }> {
  const read = readTargetFile(join(FOLDER, `${name}.json`));
  assert.ok("spec" in read, JSON.stringify(read));
  let marker = "";
  const target = await launchTarget({
    spec: read.spec,
    dir: temporaryFolder(t),
    readyWithinMs: 20_000,
    signal: new AbortController().signal,
    probe: false,
    journal: (given) => {
      marker = given;
    },
  });
  t.after(() => target.stop(0));
  return { target, marker };
}

async function says(port: number | null, words: string, answer: RegExp): Promise<void> {
  const socket = connect(port ?? 0, "127.0.0.1");
  socket.write(words);
  const [said] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  assert.match(String(said), answer);
}

/** The kernel goes on accepting connections for processes that are stopped: they answer nobody all the same. */
async function seeOutage(target: Target, health: HealthMonitor): Promise<void> {
  const pids = target.pids();
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  try {
    health.mark();
    await health.answered();
    const { asked, failed, longestOutageMs } = health.record();
    assert.ok(asked > 0 && failed === asked, `${asked - failed} of ${asked} answered by stopped processes`);
    assert.ok(longestOutageMs >= 999, `${longestOutageMs} ms`);
  } finally {
    for (const pid of pids) process.kill(pid, "SIGCONT");
  }
  health.mark();
  await health.answered();
  assert.deepEqual(health.record().failures, []);
}

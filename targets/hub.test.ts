/** The healthy hub keeps its promises, seen from outside: real clients, real signals. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import { withCanary } from "../lib/canary.ts";
import { RUNTIMES, run, skipReason } from "../test/command.ts";
import { becomes } from "../test/remains.ts";
import {
  closeCode,
  descriptorsOf,
  nextMessage,
  openClient,
  openSilentClient,
  privateFolder,
  type RunningHub,
  socketStates,
  spawnHub,
  startHub,
} from "./hub/fixtures/running-hub.ts";

/** Nothing of a test of these may be left, and what closes may take its time on a busy box. */
const LEAVES_NOTHING = { allowed: 0, graceMs: 2000 };
const json = (path: string) => JSON.parse(readFileSync(path, "utf8"));
const post = (hub: RunningHub, body: string, headers = {}) =>
  fetch(`${hub.url}/events`, { method: "POST", body, headers });

describe("hub, on every runtime, starts, answers, speaks and stops", () => {
  for (const runtime of RUNTIMES) {
    test(
      runtime.name,
      { skip: skipReason(runtime.missing) },
      withCanary(async (t) => {
        const hub = await startHub(t, [], { runtime });
        assert.deepEqual(await (await fetch(`${hub.url}/health`)).json(), { status: "ok" });
        const client = await openClient(t, hub);
        const socket = openSocketIo(t, hub, "/", {});
        await once(socket as never, "connect");
        const both = Promise.all([nextMessage(client), once(socket as never, "events")]);
        await hub.publish(1, { level: "warn", text: "hello" });
        const [message, [events]] = await both;
        assert.deepEqual(message, { type: "events", events });
        assert.equal((await hub.stats()).subscribers, 2);
        const abrupt = await openClient(t, hub);
        await hub.becomes(({ subscribers }) => subscribers === 3);
        abrupt.terminate();
        await hub.becomes(({ subscribers }) => subscribers === 2);
        const closed = closeCode(client);
        const { code, stderr } = await hub.stop();
        assert.deepEqual([code, await closed, stderr], [0, 1001, ""]);
        const { state, subscribers, timers, connections } = json(join(hub.dir, "hub.state.json"));
        assert.deepEqual([state, subscribers, timers, connections], ["idle", 0, 0, 0]);
        assert.deepEqual(readdirSync(hub.dir), ["hub.state.json"]);
      }, LEAVES_NOTHING),
    );
  }
});

describe("hub, events", () => {
  test("the ring keeps the newest, and none longer than its time to live", async (t) => {
    const hub = await startHub(t, ["--ring", "10", "--ttl", "300", "--sweep-ms", "50"]);
    const batch = Array.from({ length: 25 }, (_, index) => ({ level: "info", text: String(index) }));
    assert.equal((await post(hub, JSON.stringify(batch))).status, 202);
    const { events } = await hub.stats();
    assert.deepEqual([events.ring, events.total], [10, 25]);
    const listed = await (await fetch(`${hub.url}/events?level=debug`)).json();
    assert.equal((listed as { events: { text: string }[] }).events[0]?.text, "15");
    const after = await hub.becomes((stats) => stats.events.ring === 0);
    assert.deepEqual([after.events.expired, after.events.oldestAgeMs], [10, 0]);
  });

  test(
    "subscribers get what they may see, from their level on",
    withCanary(async (t) => {
      const hub = await startHub(t);
      const [warned, ann, admin] = await Promise.all([
        openClient(t, hub, "/ws?level=warn"),
        openClient(t, hub, "/?user=ann"),
        openClient(t, hub, "/admin"),
      ]);
      const all = Promise.all([warned, ann, admin].map(nextMessage));
      const batch = [
        { level: "info", text: "for all" },
        { level: "error", text: "for ann", user: "ann" },
        { level: "error", text: "for bob", user: "bob" },
        { level: "error", text: "trouble" },
      ];
      await post(hub, JSON.stringify(batch));
      const texts = (await all).map(({ events }) => (events as { text: string }[]).map(({ text }) => text));
      assert.deepEqual(texts, [
        ["trouble"],
        ["for all", "for ann", "trouble"],
        ["for all", "for ann", "for bob", "trouble"],
      ]);
    }, LEAVES_NOTHING),
  );

  test("a known user who is away gets the newest later, and is forgotten after a while", async (t) => {
    const hub = await startHub(t, ["--offline", "2", "--offline-ttl-ms", "600", "--sweep-ms", "50"]);
    const first = await openClient(t, hub, "/?user=ann");
    first.close();
    await hub.becomes(({ subscribers }) => subscribers === 0);
    for (const text of ["1", "2", "3"]) await hub.publish(1, { level: "info", user: "ann", text });
    await hub.publish(1, { level: "info", user: "nobody", text: "" });
    assert.deepEqual(pick(await hub.stats()), { managers: 1, offline: 2 });
    const again = new WebSocket(`ws://127.0.0.1:${hub.port}/?user=ann`);
    t.after(() => again.terminate());
    const { events } = await nextMessage(again);
    assert.deepEqual(
      (events as { text: string }[]).map(({ text }) => text),
      ["2", "3"],
    );
    again.close();
    await hub.becomes(({ subscribers }) => subscribers === 0);
    await hub.publish(1, { level: "info", user: "ann", text: "too late" });
    await hub.becomes(({ managers, offline }) => managers + offline === 0);
  });

  test("a manager is refused above the limit, unless one is away and can be forgotten", async (t) => {
    const hub = await startHub(t, ["--managers", "1"]);
    const ann = await openClient(t, hub, "/?user=ann");
    assert.equal(await closeCode(await openClient(t, hub, "/?user=bob")), 1013);
    ann.close();
    await hub.becomes(({ subscribers }) => subscribers === 0);
    await openClient(t, hub, "/?user=bob");
    assert.equal((await hub.becomes(({ subscribers }) => subscribers === 1)).managers, 1);
  });

  test("told to clean up it forgets who is away, and in an emergency ends everybody", async (t) => {
    const hub = await startHub(t);
    const [ann, bob] = await Promise.all([
      openClient(t, hub, "/?user=ann"),
      openClient(t, hub, "/?user=bob"),
    ]);
    ann.close();
    await hub.becomes(({ subscribers }) => subscribers === 1);
    await hub.publish(1, { level: "info", user: "ann", text: "later" });
    assert.deepEqual(pick(await hub.stats()), { managers: 2, offline: 1 });
    const cleanUp = async (query: string) =>
      (await fetch(`${hub.url}/cleanup${query}`, { method: "POST" })).status;
    assert.equal(await cleanUp(""), 202);
    assert.deepEqual(pick(await hub.stats()), { managers: 1, offline: 0 });
    const closed = closeCode(bob);
    assert.equal(await cleanUp("?emergency"), 202);
    assert.deepEqual([pick(await hub.stats()), await closed], [{ managers: 0, offline: 0 }, 1001]);
  });
});

function pick({ managers, offline }: { managers: number; offline: number }) {
  return { managers, offline };
}

describe("hub, clients", () => {
  test("above the cap, shared by both transports, they are told 1013", async (t) => {
    const hub = await startHub(t, ["--cap", "2"]);
    await openClient(t, hub);
    await once(openSocketIo(t, hub, "/", {}) as never, "connect");
    assert.equal(await closeCode(await openClient(t, hub)), 1013);
    const [error] = await once(openSocketIo(t, hub, "/", {}) as never, "connect_error");
    assert.deepEqual([error.message, error.data], ["try again later", { code: 1013 }]);
    const { subscribers, peakSubscribers, refused, cap } = await hub.stats();
    assert.deepEqual([subscribers, peakSubscribers, refused, cap], [2, 2, 2, 2]);
  });

  test(
    "every way to leave is counted once: politely, abruptly, silently, by an exception",
    withCanary(async (t) => {
      const hub = await startHub(t, ["--heartbeat-ms", "100"]);
      const [polite, abrupt, failing] = await Promise.all([1, 2, 3].map(() => openClient(t, hub)));
      await openSilentClient(t, hub);
      const pair = [1, 2].map(() => openSocketIo(t, hub, "/", {}, ["websocket"]));
      await Promise.all(pair.map((socket) => once(socket as never, "connect")));
      await hub.becomes(({ peakSubscribers }) => peakSubscribers === 6);
      polite!.close(1000);
      abrupt!.terminate();
      failing!.send('{"type":"boom"}');
      pair[0]!.emit("boom");
      pair[1]!.disconnect();
      assert.equal(await closeCode(failing!), 1011);
      await hub.becomes(({ subscribers }) => subscribers === 0);
      // our own requests' connection
      await hub.becomes(({ connections }) => connections === 1);
      assert.deepEqual(
        socketStates(hub.port).filter((state) => state === "08"),
        [],
      );
    }, LEAVES_NOTHING),
  );

  test("who answers its pings stays", async (t) => {
    // an answer may be 800 ms late, as on a box that others keep busy; one that never comes shows after five beats
    const hub = await startHub(t, ["--heartbeat-ms", "200", "--missed-beats", "4"]);
    const client = await openClient(t, hub);
    for (let beats = 0; beats < 8; beats++) await once(client, "ping");
    assert.equal((await hub.stats()).subscribers, 1);
  });

  test(
    "a wrong token opens nothing; what anyone may see needs none",
    withCanary(async (t) => {
      const hub = await startHub(t, ["--token", "secret", "--admin-token", "higher"]);
      const refusedBy = async (path: string) => {
        const client = new WebSocket(`ws://127.0.0.1:${hub.port}${path}`);
        const [error] = await once(client, "error");
        return Number(/\d+$/.exec(error.message)?.[0]);
      };
      for (const path of ["/", "/?token=wrong", "/admin?token=secret"])
        assert.equal(await refusedBy(path), 401);
      assert.equal(await refusedBy("/elsewhere?token=secret"), 404);
      assert.equal(await refusedBy("/?token=secret&level=loud"), 400);
      await openClient(t, hub, "/admin?token=higher");
      const client = await openClient(t, hub, "/?token=secret");
      client.send('{"type":"token","token":"old"}');
      assert.equal(await closeCode(client), 4401);
      assert.equal((await post(hub, '{"text":""}')).status, 401);
      assert.equal((await post(hub, '{"text":""}', { authorization: "Bearer secret" })).status, 202);
      const [error] = await once(
        openSocketIo(t, hub, "/admin", { token: "secret" }) as never,
        "connect_error",
      );
      assert.deepEqual(error.data, { code: 4401 });
      await once(openSocketIo(t, hub, "/admin", { token: "higher" }) as never, "connect");
      for (const path of ["/health", "/stats", "/metrics"])
        assert.equal((await fetch(hub.url + path)).status, 200);
    }, LEAVES_NOTHING),
  );

  test("messages are answered, and refused when they are no text, unknown or too long", async (t) => {
    const hub = await startHub(t, ["--max-message-bytes", "100"]);
    const client = await openClient(t, hub, "/?level=error");
    const say = (message: object) => {
      client.send(JSON.stringify(message));
      return nextMessage(client);
    };
    assert.deepEqual(await say({ type: "ping" }), { type: "pong" });
    assert.deepEqual(await say({ type: "level", level: "warn" }), { type: "level", level: "warn" });
    const published = { type: "publish", events: [{ text: "quiet" }] };
    assert.deepEqual(await say(published), { type: "published", count: 1 });
    const ends = [
      [Buffer.of(1), 1003],
      ["hello", 1008],
      ['{"type":"ping","more":1}', 1008],
      ["x".repeat(101), 1009],
    ] as const;
    for (const [message, code] of ends) {
      const other = await openClient(t, hub);
      other.send(message);
      assert.equal(await closeCode(other), code);
    }
  });

  test(
    "a handshake that does not go on is ended",
    withCanary(async (t) => {
      const hub = await startHub(t);
      const socket = connect(hub.port, "127.0.0.1");
      t.after(() => socket.destroy());
      socket.write("GET / HTTP/1.1\r\nHost: hub\r\nUpgrade: webso");
      await once(socket.resume(), "close");
    }, LEAVES_NOTHING),
  );
});

describe("hub, HTTP", () => {
  test("requests are refused with the status that says why", async (t) => {
    const hub = await startHub(t, ["--max-body-bytes", "1000"]);
    const statusOf = async (path: string, method: string, body?: string) =>
      (await fetch(hub.url + path, { method, ...(body === undefined ? {} : { body }) })).status;
    assert.equal(await statusOf("/events", "POST", "no json"), 400);
    assert.equal(await statusOf("/events", "POST", '{"level":"loud","text":""}'), 400);
    assert.equal(await statusOf("/events", "POST", JSON.stringify({ text: "x".repeat(1000) })), 413);
    assert.equal(await statusOf("/events", "PUT", "{}"), 405);
    assert.equal(await statusOf("/constructor", "GET"), 404);
    assert.equal(await statusOf("/events?level=loud", "GET"), 400);
    assert.equal((await hub.stats()).events.total, 0);
  });

  test("/metrics is what /stats is, as Prometheus text", async (t) => {
    const hub = await startHub(t);
    await hub.publish(3);
    const response = await fetch(`${hub.url}/metrics`);
    assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    assert.match(text, /^# TYPE hub_ring_events gauge\nhub_ring_events 3$/m);
    assert.match(text, /^hub_events_total 3$/m);
    assert.match(text, /^hub_timers 2$/m);
  });
});

describe("hub, life", () => {
  test("its files are private, and name it", async (t) => {
    const hub = await startHub(t);
    for (const name of ["hub.lock", "hub.pid", "hub.state.json"])
      assert.equal(statSync(join(hub.dir, name)).mode & 0o777, 0o600, name);
    assert.equal(json(join(hub.dir, "hub.lock")).pid, hub.pid);
    assert.equal(Number(readFileSync(join(hub.dir, "hub.pid"), "utf8")), hub.pid);
    assert.equal(json(join(hub.dir, "hub.state.json")).state, "running");
  });

  test("a second one in the same folder is told who runs, and leaves everything as it was", async (t) => {
    const hub = await startHub(t);
    const second = await run("targets/hub.ts", ["--dir", hub.dir]);
    assert.deepEqual([second.code, second.stdout], [75, ""]);
    assert.equal(second.stderr, `already running (pid ${hub.pid})\n`);
    assert.equal((await fetch(`${hub.url}/health`)).status, 200);
    assert.equal((await hub.stop("SIGINT")).code, 0);
    assert.deepEqual(readdirSync(hub.dir), ["hub.state.json"]);
  });

  test("two that start at once beside a dead one's lock: exactly one runs", async (t) => {
    const dir = privateFolder(t);
    const killed = await startHub(t, [], { dir });
    await killed.stop("SIGKILL");
    assert.ok(existsSync(join(dir, "hub.lock")));
    const racers = [1, 2].map(() => spawnHub(t, ["--dir", dir]));
    const lost = await Promise.race(racers.map(({ ended }, index) => ended.then((end) => ({ index, end }))));
    const winner = racers[1 - lost.index]!.child;
    assert.deepEqual([lost.end.code, lost.end.stderr], [75, `already running (pid ${winner.pid})\n`]);
    assert.equal(json(join(dir, "hub.lock")).pid, winner.pid);
  });

  test("after an exception, and after a kill, the next one starts", async (t) => {
    const dir = privateFolder(t);
    const crashing = await startHub(t, ["--crash-after-ms", "1"], { dir });
    const { code, stderr } = await crashing.ended;
    assert.equal(code, 70);
    assert.match(stderr, /--crash-after-ms asked for an exception/);
    assert.deepEqual(
      [readdirSync(dir), json(join(dir, "hub.state.json")).state],
      [["hub.state.json"], "crashed"],
    );
    const told = await startHub(t, [], { dir });
    assert.equal((await fetch(`${told.url}/crash`, { method: "POST" })).status, 202);
    assert.equal((await told.ended).code, 70);
    const killed = await startHub(t, [], { dir });
    await killed.stop("SIGKILL");
    const next = await startHub(t, [], { dir });
    assert.equal((await next.stop()).code, 0);
  });

  test("a lock whose pid another process has by now is taken over", async (t) => {
    const dir = privateFolder(t);
    writeFileSync(join(dir, "hub.lock"), JSON.stringify({ pid: process.pid, startTicks: 1 }));
    const hub = await startHub(t, [], { dir });
    assert.equal(json(join(dir, "hub.lock")).pid, hub.pid);
  });

  test("a port that is taken: exit 69, and nothing stays", async (t) => {
    const hub = await startHub(t);
    const dir = privateFolder(t);
    const second = await run("targets/hub.ts", ["--dir", dir, "--port", String(hub.port)]);
    assert.equal(second.code, 69);
    assert.match(second.stderr, /^Cannot listen on port \d+: .*EADDRINUSE/);
    assert.deepEqual(readdirSync(dir), ["hub.state.json"]);
  });

  test("clients that do not answer do not hold up the stop", async (t) => {
    const hub = await startHub(t, ["--stop-within-ms", "200"]);
    const silent = await openSilentClient(t, hub);
    assert.equal((await hub.stop()).code, 0);
    if (!silent.closed) await once(silent, "close");
  });

  test("without --dir its folder is its own, and gone at the end", async (t) => {
    const { child, ended } = spawnHub(t, []);
    await once(child.stdout, "data");
    const isIts = (name: string) => {
      const lock = join(tmpdir(), name, "hub.lock");
      return /^hub-/.test(name) && existsSync(lock) && json(lock).pid === child.pid;
    };
    const [name = "none", ...more] = readdirSync(tmpdir()).filter(isIts);
    assert.deepEqual([more, statSync(join(tmpdir(), name)).mode & 0o777], [[], 0o700]);
    child.kill();
    assert.equal((await ended).code, 0);
    assert.ok(!existsSync(join(tmpdir(), name)));
  });

  test("all descriptors taken, it lives, and answers when they are back", async (t) => {
    const hub = await startHub(t);
    const before = descriptorsOf(hub.pid).length;
    const limited = spawnSync("prlimit", [`--pid=${hub.pid}`, `--nofile=${before + 5}`]);
    assert.equal(limited.status, 0);
    const sockets = Array.from({ length: 12 }, () => connect(hub.port, "127.0.0.1").on("error", () => {}));
    t.after(() => sockets.forEach((socket) => void socket.destroy()));
    // those that it cannot accept it closes, so that nobody waits in vain
    await Promise.any(sockets.map((socket) => once(socket.resume(), "close")));
    for (const socket of sockets) socket.destroy();
    await becomes(
      () => descriptorsOf(hub.pid).length <= before,
      () => descriptorsOf(hub.pid).join(),
    );
    await openClient(t, hub);
  });
});

function openSocketIo(
  t: TestContext,
  hub: RunningHub,
  namespace: string,
  auth: object,
  transports = ["polling", "websocket"],
) {
  const socket = io(hub.url + namespace, { auth, transports, reconnection: false, forceNew: true });
  t.after(() => void socket.disconnect());
  return socket;
}

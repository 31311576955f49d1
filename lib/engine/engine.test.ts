/** The engine's API against a real engine: what is found, made, told in order and taken away, and why there is none. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSocketServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { skipReason, temporaryFolder } from "../../test/command.ts";
import {
  endDaemon,
  engineMissing,
  hostOf,
  openEngineIn,
  startEngine,
  stopEngine,
} from "../../test/engine/daemon.ts";
import { removeTemporaries } from "../report/temporary.ts";
import { findEngine } from "./address.ts";
import { importDemoImage } from "./demo-image.ts";
import { type ContainerSpec, type Engine, openEngine } from "./engine.ts";
import { followEvents } from "./events.ts";
import { writeKept } from "./keep-running.ts";
import type { EngineEvent } from "./schemas.ts";

const MEBI = 1024 * 1024;
const WITHIN_MS = 20_000;

const spec = (command: string, more: Partial<ContainerSpec["HostConfig"]> = {}): ContainerSpec => ({
  Image: "proofload-engine-test",
  Cmd: ["/bin/sh", "-c", command],
  Labels: { "proofload.test": command.slice(0, 5) },
  HostConfig: { NetworkMode: "none", ...more },
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + WITHIN_MS;
  while (!(await holds())) {
    assert.ok(performance.now() < endMs, "not in time");
    await delay(20);
  }
}

describe("a real engine", { skip: skipReason(engineMissing()) }, () => {
  const folder = mkdtempSync(join(tmpdir(), "proofload-engine-test-"));
  let engine: Engine;
  before(async () => {
    await startEngine(folder);
    engine = await openEngineIn(folder);
    const files = mkdtempSync(join(folder, "image-"));
    await importDemoImage(engine, "proofload-engine-test", files);
  });
  after(async () => {
    await engine.close();
    await stopEngine(folder);
  });

  test("says what it is", () => assert.match(engine.name, /^Docker \d+\.\d+/));

  test("finds by name and label, and tells what there is not", async () => {
    const [one, two] = [
      await engine.create("found-one", spec("sleep 60")),
      await engine.create("found-two", spec("true")),
    ];
    const { ids, missing } = await engine.find({
      names: ["found-one", "found-none"],
      labels: ["proofload.test=true", "proofload.none"],
    });
    assert.deepEqual([...ids].sort(), [one, two].sort());
    assert.deepEqual(missing, ["found-none", "label proofload.none"]);
    for (const id of ids) await engine.remove(id);
    assert.equal(await engine.inspect(one), null);
    // what is gone already is no error
    await engine.remove(one);
  });

  test("says what it refuses in its own words", async () => {
    await assert.rejects(engine.create("of-nothing", { ...spec("true"), Image: "no-such-image" }), {
      message: /No such image: no-such-image/,
    });
  });

  test("tells what happens to containers, in order: an OOM kill before the end that it brings", async () => {
    const heard: EngineEvent[] = [];
    const following = await followEvents({
      engine,
      onEvent: (event) => heard.push(event),
      onResumed: () => assert.fail("the stream broke"),
    });
    const grow = `exec awk 'BEGIN { while (1) a[i++] = sprintf("%1000000s", "x") }'`;
    const id = await engine.create("grows", spec(grow, { Memory: 16 * MEBI, MemorySwap: 16 * MEBI }));
    await engine.act(id, "start");
    const actions = () => heard.filter((event) => event.id === id).map(({ action }) => action);
    await until(() => actions().includes("die"));
    assert.deepEqual(actions(), ["create", "start", "oom", "die"]);
    await following.close();
    await engine.remove(id);
  });

  test("carries a command out in a container, and waits for its end where it is asked to", async () => {
    const id = await engine.create("works", spec("sleep 600"));
    await engine.act(id, "start");
    const ended = await engine.runToEnd(id, ["sh", "-c", "echo told; exit 3"]);
    assert.deepEqual([ended.Running, ended.ExitCode], [false, 3]);
    const execution = await engine.run(id, ["sleep", "600"]);
    const { Running, Pid } = await engine.execution(execution);
    assert.equal(Running, true);
    process.kill(Pid, "SIGKILL");
    await until(async () => (await engine.execution(execution)).ExitCode === 137);
    await assert.rejects(engine.run(id, ["no-such-program"]), { message: /no-such-program/ });
    await engine.remove(id);
  });

  test("what ran and was stopped runs again at the end, and what is gone is no matter", async () => {
    const [one, gone] = [
      await engine.create("stopped", spec("sleep 600", {})),
      await engine.create("gone", spec("sleep 600", {})),
    ];
    for (const id of [one, gone]) await engine.act(id, "start");
    await engine.act(one, "kill");
    await until(async () => (await engine.inspect(one))?.State.Status === "exited");
    await engine.remove(gone);
    const path = writeKept({ host: hostOf(folder), ids: [one, gone] });
    assert.deepEqual(await removeTemporaries([{ kind: "running", path }]), []);
    assert.equal((await engine.inspect(one))?.State.Status, "running");
    await engine.remove(one);
  });

  test("is followed across its own restart: nothing twice, and the break is told", async () => {
    const heard: EngineEvent[] = [];
    let resumed = 0;
    const following = await followEvents({
      engine,
      onEvent: (event) => heard.push(event),
      onResumed: () => void resumed++,
    });
    const id = await engine.create("survivor", spec("sleep 600", { RestartPolicy: { Name: "always" } }));
    await engine.act(id, "start");
    await until(() => heard.some(({ action }) => action === "start"));
    await endDaemon(folder);
    await startEngine(folder);
    await until(() => resumed === 1 && following.listening);
    await until(async () => (await engine.inspect(id))?.State.Status === "running");
    await engine.act(id, "kill");
    await until(() => heard.some(({ action }) => action === "kill"));
    assert.equal(following.breaks, 1);
    const told = heard.map(({ action, id: of, atMs }) => `${action} ${of} ${atMs}`);
    assert.equal(new Set(told).size, told.length);
    await following.close();
    await engine.remove(id);
  });
});

describe("no engine", () => {
  const reasonOf = async (host: string) => {
    const address = findEngine({ DOCKER_HOST: host });
    const engine = "missing" in address ? address : await openEngine(address);
    assert.ok("missing" in engine);
    return engine.missing;
  };

  test("as there is no socket, or DOCKER_HOST is none", async (t) => {
    assert.match(
      await reasonOf(`unix://${join(temporaryFolder(t), "none.sock")}`),
      /^there is no socket unix:/,
    );
    assert.match(await reasonOf("ssh://box"), /^DOCKER_HOST is ssh:\/\/box, expected unix:/);
  });

  test("as nobody listens", async () => {
    const server = createSocketServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, "close");
    assert.match(await reasonOf(`tcp://127.0.0.1:${port}`), /^no engine listens at tcp:/);
  });

  test("as something else listens", async (t) => {
    const path = join(temporaryFolder(t), "other.sock");
    const server = createServer((_, answer) => void answer.end("<html>")).listen(path);
    await once(server, "listening");
    t.after(() => server.close());
    assert.match(await reasonOf(`unix://${path}`), /^what listens at unix:.* is no engine$/);
  });
});

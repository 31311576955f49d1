/** What container scenarios refuse, and why they skip themselves. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, type TestContext, test } from "node:test";
import { parseReport, QUICKEST, run, temporaryFolder } from "./command.ts";

describe("what container scenarios refuse", () => {
  test("yours and the demo's at once, and a fault in yours: all at once", async () => {
    const words = ["--container", "mine", "--demo", "--dry-run"];
    const both = await run("scripts/container-health.ts", words, QUICKEST);
    assert.equal(both.code, 2);
    assert.match(both.stderr, /^Cannot watch the demo and yours at once: expected .+$/m);
    const fault = ["--container", "mine", "--fault", "flaps", "--max-cpu", "much"];
    const planted = await run("scripts/container-health.ts", fault, QUICKEST);
    assert.equal(planted.code, 2);
    assert.match(planted.stderr, /"much"/);
  });

  async function skippedWith(t: TestContext, words: readonly string[], place: string): Promise<string> {
    const all = [...words, "--json", "--out", temporaryFolder(t)];
    const ended = await run("scripts/container-health.ts", all, QUICKEST, { DOCKER_HOST: place });
    assert.equal(ended.code, 77);
    return parseReport(ended).verdict.sentence;
  }

  test("a change of yours that nobody allowed", async () => {
    const { code, stderr } = await run("scripts/container-restart.ts", ["--container", "mine"], QUICKEST);
    assert.equal(code, 2);
    assert.match(stderr, /^Cannot touch containers of yours unasked: expected --allow-restart with .+$/m);
  });

  test("nothing is touched that nobody named: skipped, with what to say", async (t) => {
    const said = await skippedWith(t, [], "unix:///nowhere/docker.sock");
    assert.match(said, /needs containers: --container, --label or --compose-project name yours/);
  });

  test("without an engine there is nothing to watch: skipped, with the reason", async (t) => {
    const said = await skippedWith(t, ["--demo"], "unix:///nowhere/docker.sock");
    assert.match(said, /needs a container engine: there is no socket unix:\/\/\/nowhere\/docker\.sock/);
  });

  test("what listens there and is none is told so", async (t) => {
    const server = createServer((_, response) => response.end("hello"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const said = await skippedWith(t, ["--container", "mine"], `tcp://127.0.0.1:${port}`);
    assert.match(said, /what listens at tcp:\/\/127\.0\.0\.1:\d+ is no engine/);
  });
});

/** A load that reaches nobody is told before it is applied; a server that fails or dies by itself is left to the invariants. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { launch, nodeCommand, SERVER } from "../target/fixtures/launching.ts";
import { TargetError } from "../target/target.ts";
import { tryFirst } from "./first-contact.ts";

const failing = (message: string) => () => Promise.reject(new Error(message));

test("tryFirst() tells what the first try got, and no token; of the hub, and of a server's own errors, it says nothing", async (t) => {
  const url = "ws://127.0.0.1:{port}/chat?token=secret";
  const running = await launch(t, { command: nodeCommand(SERVER), url });
  await assert.rejects(tryFirst({ isHub: false, running }, failing("HTTP 401")), (error: Error) => {
    assert.ok(error instanceof TargetError);
    assert.match(error.message, /^The load cannot reach node: .+\/chat\?…, got HTTP 401; see --target-url/);
    return true;
  });
  await tryFirst({ isHub: true, running }, failing("HTTP 401"));
  for (const own of ["HTTP 503", "no WebSocket: HTTP 500"])
    await tryFirst({ isHub: false, running }, failing(own));
  await tryFirst({ isHub: false, running }, async () => {});
});

test("tryFirst() leaves a server that dies of the first visit to its death", async (t) => {
  const running = await launch(t, { command: nodeCommand(SERVER), url: "http://127.0.0.1:{port}/" });
  const visit = async () => {
    running.send("SIGKILL");
    throw new Error("other side closed");
  };
  await tryFirst({ isHub: false, running }, visit);
  assert.equal(running.alive, false);
});

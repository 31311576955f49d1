/** An audience at a real server whose heartbeat is a message: heard by each, answered, and those who stop are dropped. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";
import { openAudience } from "./audience.ts";

const EVERY_MS = 50;

/** Sends "beat 1", "beat 2" … and drops with 4000 whom it has not heard say "alive" since the one before. */
async function startServer(t: TestContext): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  const silent = new Set<WebSocket>();
  server.on("connection", (client) =>
    client.on("message", (text) => `${text}` === "alive" && silent.delete(client)),
  );
  let beats = 0;
  const timer = setInterval(() => {
    beats++;
    for (const client of server.clients) {
      if (silent.has(client)) client.close(4000);
      silent.add(client);
      client.send(`beat ${beats}`);
      client.send("something else");
    }
  }, EVERY_MS);
  t.after(() => {
    clearInterval(timer);
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, "listening");
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test("openAudience() hears messages as heartbeats, and answers them until it is muted", async (t) => {
  const signal = new AbortController().signal;
  const settings = { headers: {}, count: 3, beat: "beat", answer: "alive", signal };
  const audience = await openAudience({ url: await startServer(t), ...settings });
  t.after(() => audience.clients.end("destroy"));
  const { heard } = await audience.listen(10 * EVERY_MS);
  for (const { beats } of heard) assert.ok(beats >= 3 && beats <= 11, `${beats}`);
  assert.equal(audience.clients.held, 3);
  const drops = await audience.mute(2, 10 * EVERY_MS);
  assert.deepEqual([drops.muted, drops.droppedBy, drops.droppedAfterMs.length], [2, { 4000: 2 }, 2]);
  assert.deepEqual(audience.lost(), {});
  assert.equal(audience.clients.held, 1);
});

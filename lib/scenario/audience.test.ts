/** An audience at a real server whose heartbeat is a message: heard by each, answered, and those who stop are dropped. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";
import { openAudience } from "./audience.ts";

const EVERY_MS = 50;

/** More than a busy box needs for an answer. */
const MISSED = 8;

/** Sends "beat 1", "beat 2" … and drops with 4000 whom it has not heard say "alive" for a while. */
async function startServer(t: TestContext): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  const missed = new Map<WebSocket, number>();
  server.on("connection", (client) =>
    client.on("message", (text) => `${text}` === "alive" && missed.set(client, 0)),
  );
  let beats = 0;
  const timer = setInterval(() => {
    beats++;
    for (const client of server.clients) {
      const before = missed.get(client) ?? 0;
      if (before === MISSED) client.close(4000);
      missed.set(client, before + 1);
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
  // on a busy box not one may come in time
  let fewest = 0;
  for (let round = 0; fewest < 3 && round < 20; round++) {
    const { heard } = await audience.listen(10 * EVERY_MS);
    fewest = Math.min(...heard.map(({ beats }) => beats));
  }
  assert.ok(fewest >= 3, `${fewest}`);
  assert.equal(audience.clients.held, 3);
  const drops = await audience.mute(2, 4 * MISSED * EVERY_MS);
  assert.deepEqual([drops.muted, drops.droppedBy, drops.droppedAfterMs.length], [2, { 4000: 2 }, 2]);
  assert.deepEqual(audience.lost(), {});
  assert.equal(audience.clients.held, 1);
});

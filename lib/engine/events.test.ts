/** The stream of events as an engine may tell it: late by a little, cut off, taken up again. */
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { Engine } from "./engine.ts";
import { followEvents } from "./events.ts";

const line = (action: string, atMs: number) =>
  `${JSON.stringify({ Type: "container", Action: action, Actor: { ID: "one" }, timeNano: atMs * 1e6 })}\n`;

test("what is told late is told, once, also where the stream is taken up again", async () => {
  const nowMs = Date.now();
  const streams = [
    [line("start", nowMs + 10), line("health_status: healthy", nowMs + 5), '{"Type":"cont'],
    [line("start", nowMs + 10), line("health_status: healthy", nowMs + 5), line("die", nowMs + 20)],
  ];
  const asked: number[] = [];
  const events: Engine["events"] = async (sinceMs, signal) => {
    asked.push(sinceMs);
    const lines = streams.shift();
    if (lines) return Readable.from(lines);
    // nothing more happens
    return new Readable({ read() {}, signal });
  };
  const heard: string[] = [];
  const takenUp = new EventEmitter();
  const twice = once(takenUp, "twice");
  const following = await followEvents({
    engine: { events } as Engine,
    onEvent: ({ action }) => heard.push(action),
    onResumed: () => asked.length > 2 && takenUp.emit("twice"),
  });
  await twice;
  await following.close();
  assert.deepEqual(heard, ["start", "health_status: healthy", "die"]);
  // so far back that nothing which is told late is missed, but not before the beginning
  assert.ok(
    asked.every((sinceMs) => sinceMs >= nowMs && sinceMs <= nowMs + 20),
    asked.join(", "),
  );
});

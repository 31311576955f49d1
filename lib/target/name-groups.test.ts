/** What is more than before is told by kind; what only changed its number is not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tellGrowth } from "./name-groups.ts";

const things = (...names: string[]) => names.map((name) => ({ name }));
const socket = (peer: number, state: string) => `socket 127.0.0.1:8080 ← 127.0.0.1:${peer} ${state}`;

test("tellGrowth() groups by kind, most first, and names what differs", () => {
  const after = things(
    "/tmp/x (deleted)",
    ...[52110, 52112, 52114, 52116].map((peer) => socket(peer, "CLOSE_WAIT")),
    socket(52118, "ESTABLISHED"),
  );
  assert.deepEqual(tellGrowth(things(socket(50000, "ESTABLISHED")), after, 10), [
    "4 × socket 127.0.0.1:8080 ← 127.0.0.1:* CLOSE_WAIT (52110, 52112, 52114, …)",
    "1 × /tmp/x (deleted)",
  ]);
});

test("tellGrowth() stays silent on what was closed and opened again, under another number or not", () => {
  const before = things("/var/log/a.1", "pipe:[100]", "/tmp/cache-3f2504e04f8911d3", "anon_inode:[eventfd]");
  const after = things("/var/log/a.2", "pipe:[177]", "/tmp/cache-9a0c0305e82c3301", "anon_inode:[eventfd]");
  assert.deepEqual(tellGrowth(before, after, 10), []);
});

test("tellGrowth() names the new one of two alike", () => {
  assert.deepEqual(tellGrowth(things("/tmp/1", "/tmp/2"), things("/tmp/2", "/tmp/1", "/tmp/3"), 10), [
    "1 × /tmp/3",
  ]);
});

test("tellGrowth() sums up what is beyond the bound", () => {
  const after = things("a", "a", "a", "b", "b", "c", "d");
  assert.deepEqual(tellGrowth([], after, 2), ["3 × a", "2 × b", "2 × 2 other kinds"]);
});

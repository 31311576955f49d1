/** What the hub keeps in memory has a bound each: ring, managers, subscribers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createManagers } from "./managers.ts";
import type { HubEvent } from "./messages.ts";
import { createRing } from "./ring.ts";
import { createSubscribers, type Subscriber } from "./subscribers.ts";

const event = (id: number, atMs = 0): HubEvent => ({ id, level: "info", namespace: "/", text: "", atMs });
const ids = (events: readonly HubEvent[]) => events.map(({ id }) => id);
const subscriber = (user: string | null = null): Subscriber => ({
  transport: "websocket",
  namespace: "/",
  user,
  level: "debug",
  rooms: new Set(),
  send() {},
  unsentBytes: 0,
  beat() {},
  stop() {},
});

describe("createRing()", () => {
  test("keeps the newest in their order, however many came", () => {
    const ring = createRing(3, 100);
    for (let id = 0; id < 5000; id++) {
      ring.push(event(id, id));
      assert.equal(ring.size, Math.min(id + 1, 3));
      assert.equal(ring.oldestAtMs, Math.max(0, id - 2));
    }
    assert.deepEqual(ids(ring.list()), [4997, 4998, 4999]);
    assert.equal(ring.expired, 0);
  });

  test("drops what is older than its time to live, and counts it", () => {
    const ring = createRing(2000, 100);
    for (let id = 0; id < 1500; id++) ring.push(event(id, id));
    ring.sweep(1499);
    assert.deepEqual([ring.size, ring.oldestAtMs, ring.expired], [101, 1399, 1399]);
    ring.sweep(10_000);
    assert.deepEqual([ring.size, ring.oldestAtMs, ring.expired, ring.list()], [0, null, 1500, []]);
    ring.push(event(1, 10_000));
    assert.deepEqual(ids(ring.list()), [1]);
  });
});

describe("createManagers()", () => {
  const limits = { mostUsers: 2, mostOffline: 2, offlineTtlMs: 100, has: () => false };

  test("keeps the newest for who is away, and nothing for others", () => {
    const managers = createManagers(limits);
    const ann = subscriber("ann");
    assert.deepEqual(managers.join("ann", ann, 0), []);
    managers.keep("ann", event(1));
    managers.keep("bob", event(2));
    assert.deepEqual([managers.count, managers.offline], [1, 0]);
    managers.leave("ann", ann, 0);
    for (const id of [3, 4, 5]) managers.keep("ann", event(id));
    assert.equal(managers.offline, 2);
    assert.deepEqual(ids(managers.join("ann", ann, 0) ?? []), [4, 5]);
    assert.equal(managers.offline, 0);
  });

  test("forgets events and users in their time, never who is here", () => {
    const managers = createManagers(limits);
    const [ann, bob] = [subscriber("ann"), subscriber("bob")];
    managers.join("ann", ann, 0);
    managers.join("bob", bob, 0);
    managers.leave("ann", ann, 50);
    managers.keep("ann", event(1, 20));
    managers.keep("ann", event(2, 60));
    managers.sweep(130);
    assert.deepEqual([managers.count, managers.offline], [2, 1]);
    managers.sweep(151);
    assert.deepEqual([managers.count, managers.offline], [1, 0]);
  });

  test("makes room by who is away longest, else has none", () => {
    const managers = createManagers(limits);
    const [ann, bob] = [subscriber("ann"), subscriber("bob")];
    managers.join("ann", ann, 0);
    managers.join("bob", bob, 0);
    assert.equal(managers.join("eve", subscriber("eve"), 0), null);
    assert.deepEqual(managers.join("bob", subscriber("bob"), 0), []);
    managers.leave("ann", ann, 0);
    assert.deepEqual(managers.join("eve", subscriber("eve"), 0), []);
    assert.equal(managers.count, 2);
  });
});

describe("createSubscribers()", () => {
  test("counts each in and out once, however often it leaves", () => {
    const subscribers = createSubscribers(2, false);
    const [one, two] = [subscriber(), subscriber()];
    subscribers.add(one);
    subscribers.add(two);
    assert.ok(subscribers.full);
    subscribers.refuse();
    assert.ok(subscribers.remove(one));
    assert.ok(!subscribers.remove(one));
    assert.deepEqual([subscribers.count, subscribers.peak, subscribers.refused], [1, 2, 1]);
    assert.deepEqual([...subscribers.all()], [two]);
  });
});

/** The hub itself, whatever the transport: who listens, what was published, what it says of itself. */
import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { type Behaviour, startBehaviour } from "./behaviours.ts";
import { createDoor, type Door } from "./door.ts";
import type { FaultName } from "./faults.ts";
import { createLeaks } from "./leaks.ts";
import { createManagers, type Managers } from "./managers.ts";
import type { HubEvent } from "./messages.ts";
import { createPublisher, type Publisher } from "./publisher.ts";
import { startHeartbeat } from "./pulse.ts";
import { createRing, type Ring } from "./ring.ts";
import { watchRoom } from "./room.ts";
import type { Settings } from "./settings.ts";
import { createSubscribers, type Subscriber, type Subscribers } from "./subscribers.ts";
import { createTimers, type Timers } from "./timers.ts";

type State = "starting" | "running" | "stopping" | "idle" | "crashed";

export interface Hub {
  readonly settings: Settings;
  state: State;
  readonly startedMs: number;
  readonly timers: Timers;
  readonly ring: Ring;
  readonly subscribers: Subscribers;
  readonly managers: Managers;
  /** Every TCP connection, so that the stop leaves none. */
  readonly sockets: Set<Socket>;
  readonly publisher: Publisher;
  /** Whether this fault is planted. */
  has(fault: FaultName): boolean;
  readonly door: Door;
  /** What the subscriber's user missed while away; null when there is no room, which is counted. */
  admit(subscriber: Subscriber): readonly HubEvent[] | null;
  /** Whether another subscriber would find no room. */
  isFull(): boolean;
  /** May be told more than once. */
  leave(subscriber: Subscriber): void;
  /** A client connected, whether or not it will be a subscriber. */
  connected(): void;
  /** A client was refused for its token. */
  refusedToken(): void;
  /** Frees what is not memory. */
  close(): void;
}

export function createHub(settings: Settings): Hub {
  const has = (fault: FaultName) => settings.fault.includes(fault);
  const timers = createTimers();
  const ring = createRing(
    has("ring-unbounded") ? Number.POSITIVE_INFINITY : settings.ring,
    has("ttl-ignored") ? Number.POSITIVE_INFINITY : settings.ttl,
  );
  const subscribers = createSubscribers(effectiveCap(settings, has), has("removed-twice"));
  const isFull = watchRoom({ subscribers, timers, cap: settings.cap, has });
  const managers = createManagers({
    mostUsers: settings.managers,
    mostOffline: settings.offline,
    offlineTtlMs: settings.offlineTtlMs,
    has,
  });
  const leaks = createLeaks(settings, has);
  const behaviours = settings.behave.map((name): Behaviour => startBehaviour(name, timers));
  timers.every(settings.sweepMs, () => {
    ring.sweep(performance.now());
    managers.sweep(performance.now());
  });
  startHeartbeat({ timers, subscribers, everyMs: settings.heartbeatMs, has });
  return {
    ...{ settings, timers, ring, subscribers, managers, has },
    state: "starting",
    startedMs: performance.now(),
    sockets: new Set(),
    publisher: createPublisher({ timers, ring, subscribers, managers, leaks, behaviours, has }),
    isFull,
    door: createDoor(settings, timers, has),
    admit(subscriber) {
      const { user } = subscriber;
      const missed = isFull()
        ? null
        : user === null
          ? []
          : managers.join(user, subscriber, performance.now());
      if (missed) subscribers.add(subscriber);
      else subscribers.refuse();
      return missed;
    },
    leave(subscriber) {
      subscribers.remove(subscriber);
      if (subscriber.user !== null) managers.leave(subscriber.user, subscriber, performance.now());
    },
    connected: leaks.connection,
    refusedToken: leaks.refusal,
    close() {
      timers.clearAll();
      for (const behaviour of behaviours) behaviour.close?.();
    },
  };
}

function effectiveCap({ cap }: Settings, has: Hub["has"]): number {
  if (has("no-cap")) return Number.POSITIVE_INFINITY;
  return has("cap-off-by-one") ? cap + 1 : cap;
}

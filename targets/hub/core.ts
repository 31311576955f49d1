/** The hub itself, whatever the transport: who listens, what was published, what it says of itself. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { type Behaviour, startBehaviour } from "./behaviours.ts";
import type { FaultName } from "./faults.ts";
import { createLeaks } from "./leaks.ts";
import { createManagers, type Managers } from "./managers.ts";
import { type batchSchema, type HubEvent, passesLevel } from "./messages.ts";
import { createRing, type Ring } from "./ring.ts";
import type { Settings } from "./settings.ts";
import { createSubscribers, type Subscriber, type Subscribers } from "./subscribers.ts";
import { createTimers, type Timers } from "./timers.ts";

type Batch = import("zod").output<typeof batchSchema>;
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
  readonly published: number;
  /** Lines of its event log that are in memory. */
  readonly logged: number;
  /** Whether this fault is planted. */
  has(fault: FaultName): boolean;
  /** Whether this token opens the namespace. */
  isToken(token: string | null, namespace: Subscriber["namespace"]): boolean;
  publish(batch: Batch): void;
  /** What the subscriber's user missed while away; null when there is no room, which is counted. */
  admit(subscriber: Subscriber): readonly HubEvent[] | null;
  /** May be told more than once. */
  leave(subscriber: Subscriber): void;
  /** A client connected, whether or not it will be a subscriber. */
  connected(): void;
  /** Frees what is not memory. */
  close(): void;
}

const MOST_LOG_LINES = 200;

export function createHub(settings: Settings): Hub {
  const has = (fault: FaultName) => settings.fault.includes(fault);
  const timers = createTimers();
  const ring = createRing(
    has("ring-unbounded") ? Number.POSITIVE_INFINITY : settings.ring,
    has("ttl-ignored") ? Number.POSITIVE_INFINITY : settings.ttl,
  );
  const subscribers = createSubscribers(effectiveCap(settings, has), has("removed-twice"));
  const managers = createManagers({
    mostUsers: settings.managers,
    mostOffline: settings.offline,
    offlineTtlMs: settings.offlineTtlMs,
  });
  const leaks = createLeaks(settings, has);
  const behaviours = settings.behave.map((name): Behaviour => startBehaviour(name, timers));
  const log: string[] = [];
  let published = 0;

  const record = (event: HubEvent) => {
    log.push(`${event.id} ${event.level} ${event.user ?? "-"} ${event.text}`);
    if (log.length > MOST_LOG_LINES && !has("log-on-heap")) log.shift();
  };

  timers.every(settings.sweepMs, () => {
    ring.sweep(performance.now());
    managers.sweep(performance.now());
  });
  timers.every(settings.heartbeatMs, () => {
    for (const subscriber of subscribers.all()) subscriber.beat();
  });

  return {
    settings,
    state: "starting",
    startedMs: performance.now(),
    timers,
    ring,
    subscribers,
    managers,
    sockets: new Set(),
    get published() {
      return published;
    },
    get logged() {
      return log.length;
    },
    has,
    isToken(token, namespace) {
      const asked = namespace === "/admin" ? (settings.adminToken ?? settings.token) : settings.token;
      return asked === undefined || (token !== null && isSame(token, asked));
    },
    publish(batch) {
      const events = batch.map((event): HubEvent => ({ ...event, id: ++published, atMs: performance.now() }));
      const unwatch = timers.every(5000, () => record(lateNote(events)));
      for (const event of events) {
        ring.push(event);
        record(event);
        if (event.user) managers.keep(event.user, event);
      }
      deliver(events, subscribers.all());
      if (!has("timers-never-cleared")) unwatch();
      leaks.batch();
      for (const behaviour of behaviours) behaviour.batch?.();
    },
    admit(subscriber) {
      const { user } = subscriber;
      const missed = subscribers.full ? null : user === null ? [] : managers.join(user, subscriber);
      if (missed) subscribers.add(subscriber);
      else subscribers.refuse();
      return missed;
    },
    leave(subscriber) {
      subscribers.remove(subscriber);
      if (subscriber.user !== null) managers.leave(subscriber.user, subscriber, performance.now());
    },
    connected: () => leaks.connection(),
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

/** What each may see: the namespace /admin everything, others what is for all or for their user, from their level on. */
function deliver(events: readonly HubEvent[], subscribers: Iterable<Subscriber>): void {
  const addressed = new Set(events.map(({ user }) => user));
  // most see the same, so it is filtered and written once for all of them
  const frames = new Map<string, { readonly seen: readonly HubEvent[]; readonly frame: string }>();
  for (const subscriber of subscribers) {
    const { namespace, level, user } = subscriber;
    const key = `${level} ${namespace} ${user !== null && addressed.has(user) ? user : ""}`;
    let made = frames.get(key);
    if (!made) {
      const isFor = (event: HubEvent) =>
        namespace === "/admin" || event.user === undefined || event.user === user;
      const seen = events.filter((event) => isFor(event) && passesLevel(event, level));
      made = { seen, frame: toFrame(seen) };
      frames.set(key, made);
    }
    if (made.seen.length > 0) subscriber.send(made.seen, made.frame);
  }
}

/** How events look on a WebSocket. */
export function toFrame(events: readonly HubEvent[]): string {
  return JSON.stringify({ type: "events", events });
}

function lateNote(events: readonly HubEvent[]): HubEvent {
  return { id: events[0]?.id ?? 0, level: "warn", text: "not delivered yet", atMs: performance.now() };
}

/** In a time that does not tell how much of it is right. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

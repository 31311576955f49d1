/** What becomes of a published batch: kept in the ring, logged, delivered to whom it may concern. */
import { performance } from "node:perf_hooks";
import type { Behaviour } from "./behaviours.ts";
import { createDelivery, type Delivery } from "./delivery.ts";
import type { FaultName } from "./faults.ts";
import type { Leaks } from "./leaks.ts";
import type { Managers } from "./managers.ts";
import type { Batch, HubEvent } from "./messages.ts";
import type { Ring } from "./ring.ts";
import type { Subscriber, Subscribers } from "./subscribers.ts";
import type { Timers } from "./timers.ts";

export interface Publisher {
  /** From who is in this namespace, to who is in the same one; from /admin, as if not said, to "/". */
  publish(batch: Batch, from?: string): void;
  /** Events since the start. */
  readonly published: number;
  /** Lines of the event log that are in memory. */
  readonly logged: number;
}

interface Parts {
  readonly timers: Timers;
  readonly ring: Ring;
  readonly subscribers: Subscribers;
  readonly managers: Managers;
  readonly leaks: Leaks;
  readonly behaviours: readonly Behaviour[];
  readonly has: (fault: FaultName) => boolean;
}

const MOST_LOG_LINES = 200;
const LATE_AFTER_MS = 5000;

export function createPublisher(parts: Parts): Publisher {
  const { timers, ring, subscribers, managers, leaks, behaviours, has } = parts;
  const delivery = createDelivery(timers, has);
  const log: string[] = [];
  let published = 0;
  const write = (line: string) => {
    log.push(line);
    if (log.length > MOST_LOG_LINES && !has("log-on-heap")) log.shift();
  };
  return {
    publish(batch, from = "/") {
      const namespace = from === "/admin" ? "/" : from;
      const events = batch.map(
        (event): HubEvent => ({ ...event, namespace, id: ++published, atMs: performance.now() }),
      );
      const unwatch = timers.every(LATE_AFTER_MS, () => write(`not delivered yet: ${events[0]?.id}`));
      for (const event of events) {
        ring.push(event);
        write(`${event.id} ${event.level} ${event.user ?? "-"} ${event.text}`);
        if (event.user) managers.keep(event.user, event);
      }
      delivery.whenReady(subscribers.all(), () => deliver(events, subscribers.all(), delivery));
      if (!has("timers-never-cleared")) unwatch();
      leaks.batch();
      for (const behaviour of behaviours) behaviour.batch?.();
    },
    get published() {
      return published;
    },
    get logged() {
      return log.length;
    },
  };
}

/** What each may see, from their level on: most see the same, so it is filtered and written once for all of them. */
function deliver(events: readonly HubEvent[], subscribers: Iterable<Subscriber>, delivery: Delivery): void {
  const users = new Set(events.map(({ user }) => user));
  const rooms = new Set(events.flatMap(({ room }) => room ?? []));
  const frames = new Map<string, { readonly seen: readonly HubEvent[]; readonly frame: string }>();
  for (const subscriber of subscribers) {
    const { namespace, level, user } = subscriber;
    const joined = rooms.size === 0 ? "" : [...rooms].filter((room) => subscriber.rooms.has(room));
    const key = `${level} ${namespace} ${user !== null && users.has(user) ? user : ""} ${joined}`;
    let made = frames.get(key);
    if (!made) {
      const seen = events.filter(
        (event) => delivery.isFor(event, subscriber) && delivery.passes(event, level),
      );
      made = { seen, frame: toFrame(seen) };
      frames.set(key, made);
    }
    if (made.seen.length > 0) delivery.deliver(subscriber, made.seen, made.frame);
  }
}

/** How events look on a WebSocket. */
export function toFrame(events: readonly HubEvent[]): string {
  return JSON.stringify({ type: "events", events });
}

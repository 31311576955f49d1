/** How events get to a subscriber: as they are, or as a fault has it. */
import type { FaultName } from "./faults.ts";
import { type HubEvent, type Level, passesLevel } from "./messages.ts";
import type { Subscriber } from "./subscribers.ts";
import type { Timers } from "./timers.ts";

export interface Delivery {
  /** Whether a subscriber of this level sees the event. */
  passes(event: HubEvent, least: Level): boolean;
  /** Whether it is for who is in that namespace, of that name, and in those rooms. */
  isFor(event: HubEvent, who: Pick<Subscriber, "namespace" | "user" | "rooms">): boolean;
  deliver(subscriber: Subscriber, events: readonly HubEvent[], frame: string): void;
  /** Calls `work` now, or when nobody is slow any more. */
  whenReady(subscribers: Iterable<Subscriber>, work: () => void): void;
}

/** One event out of so many is amiss: each time of another level where levels take turns. */
const AMISS = 101;
const SLOW_BYTES = 65_536;
const LOOK_MS = 50;
const ROOM_LATE_MS = 300;

export function createDelivery(timers: Timers, has: (fault: FaultName) => boolean): Delivery {
  const isAmiss = ({ id }: HubEvent) => id % AMISS === 0;
  const held = new WeakMap<Subscriber, () => void>();
  const waiting: (() => void)[] = [];

  function whenReady(subscribers: Iterable<Subscriber>, work: () => void): void {
    if (!has("slow-stalls")) {
      work();
      return;
    }
    waiting.push(work);
    if (waiting.length > 1) return;
    const look = () => {
      if ([...subscribers].some(({ unsentBytes }) => unsentBytes > SLOW_BYTES)) timers.after(LOOK_MS, look);
      else for (const one of waiting.splice(0)) one();
    };
    look();
  }

  return {
    whenReady,
    passes(event, least) {
      if (isAmiss(event) && has("level-leaks")) return true;
      return passesLevel(event, least) && !(isAmiss(event) && has("level-loses"));
    },
    isFor(event, { namespace, user, rooms }) {
      if (namespace === "/admin") return true;
      if (event.user !== undefined && event.user !== user && !(user !== null && has("users-mixed-up")))
        return false;
      if (event.namespace !== namespace && !(isAmiss(event) && has("namespace-leaks"))) return false;
      if (event.room === undefined) return true;
      if (isAmiss(event) && has("room-loses")) return false;
      return rooms.has(event.room) || (isAmiss(event) && has("room-leaks"));
    },
    deliver(subscriber, events, frame) {
      const amiss = events.some(isAmiss);
      if (amiss && has("event-lost")) return;
      if (amiss && has("room-late") && events.some(({ room }) => room !== undefined)) {
        timers.after(ROOM_LATE_MS, () => subscriber.send(events, frame));
        return;
      }
      if (amiss && has("event-swapped")) {
        held.set(subscriber, () => subscriber.send(events, frame));
        return;
      }
      subscriber.send(events, frame);
      if (amiss && has("event-twice")) subscriber.send(events, frame);
      held.get(subscriber)?.();
      held.delete(subscriber);
    },
  };
}

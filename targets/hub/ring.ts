/** The newest events: at most so many, none older than its time to live. */
import type { HubEvent } from "./messages.ts";

export interface Ring {
  push(event: HubEvent): void;
  /** Drops what is older than the time to live. */
  sweep(nowMs: number): void;
  list(): HubEvent[];
  readonly size: number;
  readonly expired: number;
  /** When its oldest event came, null when it is empty. */
  readonly oldestAtMs: number | null;
}

/** `mostEvents` and `ttlMs` are Infinity for a ring that breaks its promise. */
export function createRing(mostEvents: number, ttlMs: number): Ring {
  let events: (HubEvent | null)[] = [];
  // the places before it are empty; they are cut off now and then, for a shift of each would move all the others
  let first = 0;
  let expired = 0;
  const dropOldest = () => {
    events[first++] = null;
    if (first < 512 || first < events.length / 2) return;
    events = events.slice(first);
    first = 0;
  };
  return {
    push(event) {
      events.push(event);
      if (events.length - first > mostEvents) dropOldest();
    },
    sweep(nowMs) {
      for (let oldest = events[first]; oldest && nowMs - oldest.atMs > ttlMs; oldest = events[first]) {
        dropOldest();
        expired++;
      }
    },
    list: () => events.slice(first).filter((event) => event !== null),
    get size() {
      return events.length - first;
    },
    get expired() {
      return expired;
    },
    get oldestAtMs() {
      return events[first]?.atMs ?? null;
    },
  };
}

/** What came for a user who was away, up to so many events, the newest of them; rightly, or as a fault has it. */
import type { FaultName } from "./faults.ts";
import type { HubEvent } from "./messages.ts";

export interface Missed {
  keep(event: HubEvent): void;
  /** All of it, oldest first, and nothing is kept any more. */
  take(): HubEvent[];
  /** Forgets what came before that. */
  expire(beforeMs: number): void;
  readonly count: number;
}

export function createMissed(most: number, has: (fault: FaultName) => boolean): Missed {
  let events: HubEvent[] = [];
  return {
    keep(event) {
      if (events.length >= most && has("newest-dropped")) return;
      events.push(event);
      if (events.length > most && !has("buffer-unbounded")) events.shift();
    },
    take() {
      const taken = has("offline-lost") ? events.toSpliced(events.length >> 1, 1) : [...events];
      if (!has("offline-twice")) events = [];
      const [last] = taken.slice(-1);
      return has("offline-swapped") && last ? [last, ...taken.slice(0, -1)] : taken;
    },
    expire(beforeMs) {
      events = events.filter(({ atMs }) => atMs >= beforeMs);
    },
    get count() {
      return events.length;
    },
  };
}

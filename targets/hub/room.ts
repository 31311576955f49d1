/** Whether there is room for one more, as the hub sees it: rightly, or as a fault has it. */
import type { FaultName } from "./faults.ts";
import type { Subscribers } from "./subscribers.ts";
import type { Timers } from "./timers.ts";

interface RoomSettings {
  readonly subscribers: Subscribers;
  readonly timers: Timers;
  readonly cap: number;
  readonly has: (fault: FaultName) => boolean;
}

const STALE_MS = 50;
const FREED_LATE_MS = 3000;

/** Answers whether it is full now. */
export function watchRoom({ subscribers, timers, cap, has }: RoomSettings): () => boolean {
  if (has("burst-over-cap")) {
    let known = 0;
    timers.every(STALE_MS, () => {
      known = subscribers.count;
    });
    return () => known >= cap;
  }
  if (has("place-lost")) return () => subscribers.count + subscribers.refused >= cap;
  if (has("place-freed-late")) {
    let [last, freeing] = [0, 0];
    return () => {
      const gone = Math.max(0, last - subscribers.count);
      freeing += gone;
      if (gone > 0) timers.after(FREED_LATE_MS, () => (freeing -= gone));
      last = subscribers.count;
      return last + freeing >= cap;
    };
  }
  if (has("insider-dropped"))
    return () => {
      const [oldest] = subscribers.full ? subscribers.all() : [];
      oldest?.stop();
      if (oldest) subscribers.remove(oldest);
      return subscribers.full;
    };
  return () => subscribers.full;
}

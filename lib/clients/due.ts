/** One timer for any number of sockets that have equally long: a timer for each would take memory and time. */

export interface Due<T> {
  /** Starts its time, anew if it runs. */
  add(item: T): void;
  delete(item: T): void;
  /** Those whose time runs. */
  items(): T[];
}

/** A late look costs nothing but accuracy: a twentieth of the time. */
const LOOKS = 20;

/** Calls `onOver` once for each item that was not deleted in time. */
export function createDue<T>(timeoutMs: number, onOver: (item: T) => void): Due<T> {
  // insertion order is the order of deadlines, as all have equally long
  const deadlines = new Map<T, number>();
  let timer: NodeJS.Timeout | null = null;
  const look = () => {
    const nowMs = performance.now();
    for (const [item, deadlineMs] of deadlines) {
      if (deadlineMs > nowMs) break;
      deadlines.delete(item);
      onOver(item);
    }
    if (deadlines.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
  return {
    add(item) {
      deadlines.delete(item);
      deadlines.set(item, performance.now() + timeoutMs);
      timer ??= setInterval(look, Math.max(1, timeoutMs / LOOKS));
    },
    delete: (item) => deadlines.delete(item),
    items: () => [...deadlines.keys()],
  };
}

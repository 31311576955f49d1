/** Timers that are counted, and all cleared at the stop. */

export interface Timers {
  /** Both give what clears the timer. */
  every(ms: number, work: () => void): () => void;
  after(ms: number, work: () => void): () => void;
  clearAll(): void;
  readonly live: number;
}

export function createTimers(): Timers {
  const live = new Set<NodeJS.Timeout>();
  const clear = (timer: NodeJS.Timeout) => {
    clearTimeout(timer);
    live.delete(timer);
  };
  const add = (timer: NodeJS.Timeout) => {
    live.add(timer);
    return () => clear(timer);
  };
  return {
    every: (ms, work) => add(setInterval(work, ms)),
    after: (ms, work) => {
      const timer = setTimeout(() => {
        live.delete(timer);
        work();
      }, ms);
      return add(timer);
    },
    clearAll: () => {
      for (const timer of live) clear(timer);
    },
    get live() {
      return live.size;
    },
  };
}

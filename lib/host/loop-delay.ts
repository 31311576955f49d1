/** How late this thread's event loop is: what happens elsewhere is noticed that much later here. */

/** Fine enough to see a 50 ms stall, at 0.05 % of a core. A timer's own drift, because Deno's monitorEventLoopDelay is blind. */
const HEARTBEAT_MS = 20;

export interface LoopDelay {
  /** The longest drift since it was asked last, or since the start: ms. */
  worstSinceLast(): number;
  stop(): void;
}

export function watchLoopDelay(): LoopDelay {
  let last = performance.now();
  let worst = 0;
  const timer = setInterval(() => {
    const at = performance.now();
    worst = Math.max(worst, at - last - HEARTBEAT_MS);
    last = at;
  }, HEARTBEAT_MS);
  return {
    worstSinceLast() {
      // a stall that is still going on has not reached the timer yet: told here, so the timer tells only what is to come
      const at = performance.now();
      const delay = Math.max(worst, at - last - HEARTBEAT_MS);
      last = Math.max(last, at - HEARTBEAT_MS);
      worst = 0;
      return delay;
    },
    stop: () => clearInterval(timer),
  };
}

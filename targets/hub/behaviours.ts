/** Healthy behaviours that look like leaks at first: each ends at a bound, within 16 s, and gives everything back at the stop. */
import { performance } from "node:perf_hooks";
import type { BehaviourName } from "./faults.ts";
import { heapBlock, holdDescriptor, makeGarbage } from "./leaks.ts";
import type { Timers } from "./timers.ts";

export interface Behaviour {
  /** A batch of events was published. */
  batch?(): void;
  /** Frees what is not memory. */
  close?(): void;
}

/** `now` is the hub's clock, in milliseconds. */
export function startBehaviour(
  name: BehaviourName,
  timers: Pick<Timers, "every" | "after">,
  now: () => number = () => performance.now(),
): Behaviour {
  return START[name](timers, now);
}

const MIB = 2 ** 20;

type Start = (timers: Pick<Timers, "every" | "after">, now: () => number) => Behaviour;

const START: Record<BehaviourName, Start> = {
  "jit-warm-up"(timers) {
    const compiled: ((x: number) => number)[] = [];
    const stop = timers.every(100, () => {
      for (let more = 0; more < 4; more++) compiled.push(compileAnother(compiled.length));
      if (compiled.length >= 400) stop();
    });
    // used from then on, as a server's code would be
    return { batch: () => void compiled.at(-1)?.(1) };
  },

  "cache-to-bound"(_timers, now) {
    const boundBytes = 16 * MIB;
    const entryBytes = 65_536;
    const cache = new Map<number, readonly number[]>();
    let firstMs: number | null = null;
    let next = 0;
    return {
      batch() {
        firstMs ??= now();
        const share = Math.min(1, (now() - firstMs) / 10_000);
        const room = Math.floor((boundBytes / entryBytes) * share);
        do {
          cache.set(next++, heapBlock(entryBytes));
        } while (cache.size < room);
        if (cache.size > Math.max(1, room)) cache.delete(next - cache.size);
      },
    };
  },

  sawtooth: () => ({ batch: makeGarbage }),

  bursts(timers) {
    let held: unknown[] = [];
    let bursts = 0;
    timers.every(5000, () => {
      const mib = 8 * (1 + (bursts++ % 3));
      held = Array.from({ length: mib }, () => heapBlock(MIB));
      timers.after(1000, () => {
        held = [];
      });
    });
    return { close: () => void held.splice(0) };
  },

  "pool-to-maximum"(timers) {
    const pool: (() => void)[] = [];
    const stop = timers.every(300, () => {
      pool.push(holdDescriptor());
      timers.every(60_000, () => {});
      if (pool.length >= 32) stop();
    });
    return {
      close() {
        for (const free of pool.splice(0)) free();
      },
    };
  },

  "memory-falls"(timers) {
    const held = Array.from({ length: 32 }, () => heapBlock(MIB));
    const stop = timers.every(500, () => {
      held.pop();
      if (held.length === 0) stop();
    });
    return {};
  },
};

/** A function of its own text, so that nothing is shared with the others, run until it is optimized. */
function compileAnother(number: number): (x: number) => number {
  const terms = Array.from({ length: 40 }, (_, index) => `x = (x * ${number + index + 2}) % 65_521;`);
  const made = new Function("x", `${terms.join("\n")}\nreturn x;`) as (x: number) => number;
  for (let run = 0; run < 1000; run++) made(run);
  return made;
}

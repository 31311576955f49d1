/** Fills the V8 heap of its own thread with live objects, up to what was asked or until the engine ends the thread. */
import v8 from "node:v8";
import { stressor, type Task } from "../lib/stress/stressor.ts";

export interface FillHeap extends Task {
  /** Bytes of heap to use. */
  readonly amount: number;
}

/** Numbers in an array of its own: 8 KiB on the heap each, none of them off it. */
const NUMBERS = 1024;

export default stressor(({ amount }: FillHeap, hold) => {
  const alive: number[][] = [];
  let usedBytes = 0;
  while (usedBytes < amount && !hold.over) {
    // doubles, which V8 keeps in the array itself
    alive.push(Array.from({ length: NUMBERS }, (_, index) => index + 0.5));
    // asked each time: the last answer before the end is all that is left of this thread
    usedBytes = v8.getHeapStatistics().used_heap_size;
    hold.report(usedBytes);
  }
  hold.untilReleased();
  return { usedBytes, arrays: alive.length };
});

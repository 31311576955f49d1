/** Waits for the rest of the box to leave the processors alone, so that a measurement has them for itself; not for long. */
import { setTimeout as delay } from "node:timers/promises";
import { boxTicks } from "./processes.ts";

const LOOK_MS = 150;
const CALM_BELOW = 0.15;
const LONGEST_MS = 1000;

export async function calm(): Promise<void> {
  const startedMs = performance.now();
  let last = boxTicks();
  while (performance.now() - startedMs < LONGEST_MS) {
    await delay(LOOK_MS);
    const now = boxTicks();
    if ((now.busy - last.busy) / (now.total - last.total) < CALM_BELOW) return;
    last = now;
  }
}

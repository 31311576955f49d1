/** Allocates chunks of mixed sizes, gives half of them back in random order, fills the holes, and gives everything back. */
import { freeBuffers, refusalOf } from "../lib/stress/buffers.ts";
import { createRandom } from "../lib/stress/random.ts";
import { type Hold, stressor, type Task } from "../lib/stress/stressor.ts";

export interface FragmentMemory extends Task {
  /** Bytes alive at the peak. */
  readonly amount: number;
  readonly minChunkBytes: number;
  readonly maxChunkBytes: number;
  readonly seed: number;
}

/** So many pieces at once: enough for the order to be random, few enough for the release flag to be seen. */
const BATCH = 256;

export default stressor(async (task: FragmentMemory, hold) => {
  const random = createRandom(task.seed);
  const alive: Buffer[] = [];
  const taken = { chunks: 0, bytes: 0, refusedBy: null as string | null };
  fill(alive, taken, task, random, hold);
  for (let left = Math.floor(alive.length / 2); left > 0 && !hold.over; left -= BATCH) {
    const freed = pick(alive, Math.min(BATCH, left), random);
    taken.bytes -= freed.reduce((sum, { length }) => sum + length, 0);
    await freeBuffers(freed);
    hold.report(taken.bytes);
  }
  fill(alive, taken, task, random, hold);
  const peakBytes = taken.bytes;
  hold.untilReleased();
  while (alive.length > 0) await freeBuffers(pick(alive, BATCH, random));
  hold.report(0);
  return { chunks: taken.chunks, peakBytes, refusedBy: taken.refusedBy };
});

interface Taken {
  chunks: number;
  bytes: number;
  refusedBy: string | null;
}

/** Sizes are drawn evenly on a logarithmic scale, as small objects are many and large ones few. */
function fill(alive: Buffer[], taken: Taken, task: FragmentMemory, random: () => number, hold: Hold): void {
  const { amount, minChunkBytes: least, maxChunkBytes: most } = task;
  while (taken.bytes < amount && taken.refusedBy === null && !hold.over) {
    const length = Math.round(least * (most / least) ** random());
    try {
      alive.push(Buffer.allocUnsafeSlow(length).fill(0xa5));
      taken.chunks++;
      taken.bytes += length;
      if (taken.chunks % BATCH === 0) hold.report(taken.bytes);
    } catch (error) {
      taken.refusedBy = refusalOf(error);
    }
  }
  hold.report(taken.bytes);
}

/** Takes so many out at random places, in no order: the last one moves to the place that got free. */
function pick(alive: Buffer[], count: number, random: () => number): Buffer[] {
  const picked: Buffer[] = [];
  while (picked.length < count && alive.length > 0) {
    const index = Math.floor(random() * alive.length);
    const chosen = alive[index];
    const last = alive.pop();
    if (chosen && last && index < alive.length) alive[index] = last;
    if (chosen) picked.push(chosen);
  }
  return picked;
}

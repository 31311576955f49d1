/** Takes memory in chunks, writes to every page of it, holds it, gives it back. */
import { allocateSlab, freeBuffers, refusalOf, writePages } from "../lib/stress/buffers.ts";
import { stressor, type Task } from "../lib/stress/stressor.ts";

export interface HoldMemory extends Task {
  /** Bytes to take. */
  readonly amount: number;
  /** Bytes written between two looks at the release flag; the ledger grows in these steps. */
  readonly chunkBytes: number;
}

export default stressor(async ({ amount, chunkBytes }: HoldMemory, hold) => {
  const slabs: Buffer[] = [];
  const startedMs = performance.now();
  let writtenBytes = 0;
  let refusedBy: string | null = null;
  while (writtenBytes < amount && refusedBy === null && !hold.over) {
    try {
      const slab = allocateSlab(amount - writtenBytes);
      slabs.push(slab);
      for (let start = 0; start < slab.length && !hold.over; start += chunkBytes) {
        const end = Math.min(slab.length, start + chunkBytes);
        writePages(slab, start, end);
        writtenBytes += end - start;
        hold.report(writtenBytes);
      }
    } catch (error) {
      refusedBy = refusalOf(error);
    }
  }
  const acquiredMs = performance.now() - startedMs;
  hold.untilReleased();
  await freeBuffers(slabs);
  hold.report(0);
  return { writtenBytes, acquiredMs, refusedBy };
});

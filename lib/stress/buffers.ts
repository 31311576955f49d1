/** Memory outside the V8 heap that can be given back at a known moment, on every runtime. */
import { once } from "node:events";
import { MessageChannel } from "node:worker_threads";
import { MIB } from "../units.ts";

/**
 * Larger than glibc's greatest mmap threshold (32 MiB), so that each slab is its own mapping: it goes back to the
 * kernel when freed, and can be made of huge pages (`GLIBC_TUNABLES=glibc.malloc.hugetlb=1`, mallopt(3)).
 */
const SLAB_BYTES = 256 * MIB;

/** A buffer of uninitialised memory, of which no page is resident yet: at most 256 MiB. */
export function allocateSlab(wantedBytes: number): Buffer {
  return Buffer.allocUnsafeSlow(Math.min(SLAB_BYTES, wantedBytes));
}

/** The refusal's code, where allocating failed for want of memory; any other error is thrown on. */
export function refusalOf(error: unknown): string {
  const refused =
    error instanceof RangeError || (error as NodeJS.ErrnoException)?.code?.startsWith("ERR_MEMORY");
  if (!refused) throw error;
  return "ENOMEM";
}

type Transferable = ArrayBuffer & { transfer?(newLength: number): ArrayBuffer };

/**
 * Frees the memory under these buffers now, in this order, without waiting for the garbage collector. They are detached:
 * reading them afterwards gives nothing.
 */
export async function freeBuffers(buffers: readonly Buffer[]): Promise<void> {
  const [first] = buffers;
  if (!first) return;
  if ("transfer" in first.buffer) {
    for (const { buffer } of buffers) (buffer as Transferable).transfer?.(0);
    return;
  }
  // Node 20 has no ArrayBuffer.prototype.transfer: a message that nobody received takes its memory along when its port closes
  const { port1, port2 } = new MessageChannel();
  const closed = once(port2, "close");
  port1.postMessage(
    null,
    buffers.map(({ buffer }) => buffer as ArrayBuffer),
  );
  port2.close();
  await closed;
}

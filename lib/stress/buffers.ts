/** Memory outside the V8 heap that can be given back at a known moment, on every runtime. */
import { once } from "node:events";
import { MessageChannel } from "node:worker_threads";
import { GIB, MIB } from "../units.ts";

/**
 * Far larger than glibc's greatest mmap threshold (32 MiB), so that each slab is its own mapping: it goes back to the
 * kernel when freed, and can be made of huge pages (`GLIBC_TUNABLES=glibc.malloc.hugetlb=1`, mallopt(3)). Each costs a
 * collection of 3 ms, as the engine sees memory grow: of 256 MiB they took a fifth of the time to fill them.
 */
const SLAB_BYTES = GIB;

/** Where a slab is refused, halves are tried down to this: what is left then is not worth the collections. */
const LAST_SLAB_BYTES = 32 * MIB;

/** A buffer of uninitialised memory, of which no page is resident yet: at most 1 GiB, less where that is refused. */
export function allocateSlab(wantedBytes: number): Buffer {
  for (let bytes = Math.min(SLAB_BYTES, wantedBytes); ; bytes = Math.ceil(bytes / 2)) {
    try {
      return Buffer.allocUnsafeSlow(bytes);
    } catch (error) {
      refusalOf(error);
      if (bytes <= LAST_SLAB_BYTES) throw error;
    }
  }
}

/** The smallest page of any machine that we run on; where pages are larger, each is written more than once. */
const PAGE_BYTES = 4096;
const WORD_BYTES = Float64Array.BYTES_PER_ELEMENT;

/**
 * Makes every page from `start` to `end` ours for good. The kernel writes all of a page when it hands it out, so one store
 * is enough. It is of the time and the place, which hardly any other page has: pages that are alike may be merged (by
 * KSM, also on the host of a virtual machine), and those that are all zero be given back.
 */
export function writePages({ buffer, byteOffset, length }: Buffer, start: number, end: number): void {
  const words = new Float64Array(buffer, byteOffset, Math.floor(length / WORD_BYTES));
  const last = Math.min(words.length, end / WORD_BYTES);
  const mark = performance.now();
  for (let word = Math.ceil(start / WORD_BYTES); word < last; word += PAGE_BYTES / WORD_BYTES) {
    words[word] = mark + word;
  }
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

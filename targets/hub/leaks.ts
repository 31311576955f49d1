/** What the planted faults keep, batch by batch and connection by connection. */
import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";
import { performance } from "node:perf_hooks";
import type { FaultName } from "./faults.ts";
import type { Settings } from "./settings.ts";

export interface Leaks {
  /** A batch of events was published. */
  batch(): void;
  /** A client connected. */
  connection(): void;
  /** A client was refused for its token. */
  refusal(): void;
}

const OBJECTS = 20;

export function createLeaks(settings: Settings, has: (fault: FaultName) => boolean): Leaks {
  const { lateAfterMs } = settings;
  const bytes = (usual: number) => settings.leakBytes ?? usual;
  const startedMs = performance.now();
  const kept: unknown[] = [];
  let batches = 0;
  let connections = 0;
  return {
    batch() {
      batches++;
      if (has("buffers-outside-heap")) kept.push(new Uint8Array(bytes(4096)).fill(1));
      if (has("objects-per-batch")) kept.push(Array.from({ length: OBJECTS }, (_, index) => ({ index })));
      if (has("late-leak") && performance.now() - startedMs >= lateAfterMs) kept.push(heapBlock(bytes(4096)));
      if (has("slow-leak-under-sawtooth")) {
        makeGarbage();
        kept.push(heapBlock(bytes(1536)));
      }
      if (has("descriptor-per-n") && batches % (settings.leakEvery ?? 50) === 0)
        kept.push(openSync(devNull, "r"));
    },
    connection() {
      connections++;
      if (has("memory-per-connection")) kept.push(heapBlock(bytes(4096)));
      if (has("descriptor-per-connections") && connections % (settings.leakEvery ?? 10) === 0)
        kept.push(openSync(devNull, "r"));
    },
    refusal() {
      if (has("refusal-kept")) kept.push(heapBlock(bytes(4096)));
    },
  };
}

/** So many bytes on the heap: an array of doubles takes 8 for each. */
export function heapBlock(bytes: number): readonly number[] {
  return new Array<number>(Math.ceil(bytes / 8)).fill(0.5);
}

/** 512 KiB in pieces too small for the large-object space, a few of which live through a young collection. */
export function makeGarbage(): void {
  const pieces = Array.from({ length: 32 }, () => heapBlock(16_384));
  survivors.push(pieces[0]);
  if (survivors.length > 64) survivors.shift();
}
const survivors: unknown[] = [];

/** A descriptor of nothing, and what closes it. */
export function holdDescriptor(): () => void {
  const descriptor = openSync(devNull, "r");
  return () => closeSync(descriptor);
}

/** One descriptor held in reserve, so that /proc can still be read when this process may open nothing more (EMFILE). */
import { closeSync, openSync } from "node:fs";

let spare: number | null = null;
let holders = 0;

/**
 * Takes the reserve, once for all who ask; the answer gives it back. Should another thread take the freed descriptor in the
 * moment of its use, reads that need one fail until one can be had again.
 */
export function holdSpareDescriptor(): () => void {
  let held = true;
  holders++;
  refill();
  return () => {
    if (!held) return;
    held = false;
    holders--;
    if (holders === 0) drop();
  };
}

/** Does `work`, which opens one descriptor at a time and closes it again; at EMFILE, with the reserve's. */
export function withSpareDescriptor<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isOutOfDescriptors(error) || spare === null) throw error;
  }
  drop();
  try {
    return work();
  } finally {
    refill();
  }
}

/** EMFILE: this process has no descriptor left; ENFILE: the whole system has none. */
export function isOutOfDescriptors(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === "EMFILE" || code === "ENFILE";
}

function refill(): void {
  if (spare !== null || holders === 0) return;
  try {
    spare = openSync("/dev/null", "r");
  } catch {
    spare = null;
  }
}

function drop(): void {
  if (spare !== null) closeSync(spare);
  spare = null;
}

/** By how much a target's memory grew between two quiet points, in the best terms that can be had. */
import { MIB } from "../units.ts";
import type { Checkpoint } from "./target-watch.ts";

export interface Growth {
  readonly bytes: number;
  /** By how much it breathes without keeping anything: so little says nothing. */
  readonly noiseBytes: number;
}

/** What a collection leaves differs by so much while code is still compiled; anonymous memory is given back in large pieces. */
const NOISE_BYTES = { liveBytes: MIB / 4, anonymousBytes: 8 * MIB };

/** Live bytes where its engine tells them, else its anonymous memory; null where neither can be read. */
export function growthBetween(before: Checkpoint, after: Checkpoint): Growth | null {
  for (const key of ["liveBytes", "anonymousBytes"] as const) {
    const [first, last] = [before[key], after[key]];
    if (first !== null && last !== null) return { bytes: last - first, noiseBytes: NOISE_BYTES[key] };
  }
  return null;
}

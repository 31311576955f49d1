/** Whether the box suffered what it was to suffer while others were watched. */
import type { Sample } from "../host/gauges.ts";
import { formatBytes } from "../units.ts";
import { atLeast, type Measure, skipped, worst } from "./measure.ts";
import { busyShare } from "./sampling.ts";

export const BOX_LOADS = ["cpu", "memory", "collection"] as const;

export interface BoxLoadRecord {
  readonly kinds: readonly (typeof BOX_LOADS)[number][];
  readonly askedBytes: number;
  readonly heldBytes: number;
  /** So often tests were listed; and why they could not be, or null. */
  readonly listings: number;
  readonly notListed: string | null;
}

/** Of what was asked for. */
const NEARLY_ALL = 0.95;
/** Others are on the processors, too: what counts is that nothing of them was left. */
const BUSY = 0.85;

/** `held`: the samples of the time in which all of it was there. */
export function judgeBoxLoad(record: BoxLoadRecord, held: readonly Sample[]): Measure {
  const { askedBytes, heldBytes, listings, notListed } = record;
  const judged = {
    cpu: () => atLeast(busyShare(held), BUSY, "share"),
    memory: () =>
      atLeast(heldBytes / askedBytes, NEARLY_ALL, "share", [
        `${formatBytes(heldBytes)} of ${formatBytes(askedBytes)}`,
      ]),
    collection: () => (notListed === null ? atLeast(listings, 1, "count") : skipped(notListed)),
  };
  return worst(record.kinds.map((kind) => [kind, judged[kind]()]));
}

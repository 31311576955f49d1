/** Adds up the processor time of a tree of processes, some of which end: the total never falls. */
import type { ProcessStat } from "./process-files.ts";

type Times = Pick<ProcessStat, "cpuMs" | "endedChildrenCpuMs">;

/**
 * Gives the time used by all processes up to now, ms, when told of all that live. A child that ends and is waited for is
 * counted by its parent from then on (cutime, cstime); what was counted of it before is subtracted from that. One that
 * nobody of the tree waits for keeps what was last seen of it.
 */
export function createCpuTotal(): (living: ReadonlyMap<number, Times>) => number {
  let totalMs = 0;
  let last = new Map<number, Times>();
  return (living) => {
    let inheritedMs = 0;
    for (const [pid, { cpuMs, endedChildrenCpuMs }] of living) {
      const before = last.get(pid);
      totalMs += Math.max(0, cpuMs - (before?.cpuMs ?? 0));
      inheritedMs += endedChildrenCpuMs - (before?.endedChildrenCpuMs ?? 0);
    }
    for (const [pid, { cpuMs, endedChildrenCpuMs }] of last) {
      if (!living.has(pid)) inheritedMs -= cpuMs + endedChildrenCpuMs;
    }
    totalMs += Math.max(0, inheritedMs);
    last = new Map(living);
    return totalMs;
  };
}

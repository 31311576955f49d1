/** Ends a load when the box itself is in danger: too little memory or disk left, or every task stalled for memory. */
import { formatAmount } from "../units.ts";
import type { Sample } from "./gauges.ts";

export interface GuardLimits {
  /** Memory of the box that must stay available, bytes. */
  readonly minMemoryBytes: number;
  /** The control group's limit and what of it must stay available, bytes; null where none limits us. */
  readonly cgroup: { readonly limitBytes: number; readonly minMemoryBytes: number } | null;
  /** Space that must stay free on the volume under load, bytes; null where filling it is the point. */
  readonly minDiskBytes: number | null;
  /** The largest share of the time between two samples in which every task may wait for memory (PSI full). */
  readonly maxMemoryPressure: number;
}

/** Says why the load has to end now, or null. `previous` is the sample before, or undefined at the first. */
export function checkGuard(limits: GuardLimits, sample: Sample, previous: Sample | undefined): string | null {
  const { memoryAvailableBytes: memory, diskFreeBytes: disk } = sample.gauges;
  if (typeof memory === "number" && memory < limits.minMemoryBytes) {
    return `memory available fell to ${formatAmount(memory, "bytes")}, below the floor of ${formatAmount(limits.minMemoryBytes, "bytes")}`;
  }
  const { cgroup } = limits;
  const charged = sample.gauges.cgroupMemoryBytes;
  if (cgroup && typeof charged === "number" && cgroup.limitBytes - charged < cgroup.minMemoryBytes) {
    const left = formatAmount(cgroup.limitBytes - charged, "bytes");
    return `memory left to the control group fell to ${left}, below the floor of ${formatAmount(cgroup.minMemoryBytes, "bytes")}`;
  }
  if (limits.minDiskBytes !== null && typeof disk === "number" && disk < limits.minDiskBytes) {
    return `free disk space fell to ${formatAmount(disk, "bytes")}, below the floor of ${formatAmount(limits.minDiskBytes, "bytes")}`;
  }
  const pressure = stalledShare(sample, previous);
  if (pressure !== null && pressure > limits.maxMemoryPressure) {
    return `every task waited for memory ${formatAmount(pressure, "share")} of the time, above ${formatAmount(limits.maxMemoryPressure, "share")}`;
  }
  return null;
}

function stalledShare(sample: Sample, previous: Sample | undefined): number | null {
  const stalled = sample.gauges.memoryStalledMs;
  const before = previous?.gauges.memoryStalledMs;
  const elapsedMs = sample.atMs - (previous?.atMs ?? Number.NaN);
  // two samples off the grid can lie microseconds apart, where one stall looks like all of the time
  if (typeof stalled !== "number" || typeof before !== "number" || !(elapsedMs > 20)) return null;
  return (stalled - before) / elapsedMs;
}

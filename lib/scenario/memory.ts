/** How much of the box's or the control group's memory is used: what the memory scenarios aim at and are judged by. */
import type { HostFacts } from "../host/facts.ts";
import type { Readings, Sample } from "../host/gauges.ts";
import { maximum, minimum } from "../stats/summary.ts";
import { MIB } from "../units.ts";
import { readings } from "./windows.ts";

/** Bytes in use of the effective limit: of the group's where that is the lower, else of the box's. Null if unreadable. */
export function usedMemory(host: HostFacts, gauges: Readings): number | null {
  const { cgroupMemoryBytes, memoryAvailableBytes } = gauges;
  if (host.memoryLimitedBy !== "host") return cgroupMemoryBytes ?? null;
  return typeof memoryAvailableBytes === "number" ? host.memoryTotalBytes - memoryAvailableBytes : null;
}

/** The highest share of the effective limit, and of the box, that was in use at any sample. */
export function peakMemoryShare(host: HostFacts, samples: readonly Sample[]): number | null {
  const available = minimum(readings(samples, "memoryAvailableBytes"));
  if (available === null) return null;
  const ofBox = 1 - available / host.memoryTotalBytes;
  const used = samples.map(({ gauges }) => usedMemory(host, gauges)).filter((value) => value !== null);
  return maximum([ofBox, ...used.map((bytes) => bytes / host.memoryLimitBytes)]);
}

/** This process's own memory: anonymous where that can be told, else resident. */
export function ownMemory({ anonymousBytes, rssBytes }: Readings): number | null {
  return anonymousBytes ?? rssBytes ?? null;
}

/** More threads than that do not fill memory any faster, and each brings megabytes of its own. */
const MAX_FILLING_THREADS = 8;
/** What a thread uses beside what it takes: its engine and its copy of our code. */
const THREAD_BYTES = 16 * MIB;

export function fillingThreads({ allowedCpus, cpuQuota }: HostFacts): number {
  return Math.min(MAX_FILLING_THREADS, allowedCpus.length, Math.ceil(cpuQuota ?? Infinity));
}

/** What each of so many threads takes, for this much more to be in use with all of them there. */
export function shareOfThread(moreBytes: number, threads: number): number {
  return Math.max(0, Math.round(moreBytes / threads - THREAD_BYTES));
}

/** Containers as a watch would have seen them: one that stays well, one of which something is known, and a box that is busy. */
import type { ContainerRecord } from "../lib/engine/observed.ts";
import type { WatchRecord } from "../lib/engine/watch.ts";

export const MEBI = 1024 * 1024;

export const WELL: ContainerRecord = {
  ...{ name: "one", hasCheck: true, restartPolicy: "always", limitBytes: 32 * MEBI, wellBefore: true },
  ...{ samples: 100, stable: 100, overMemory: 0, peakMemoryShare: 0.5, peakMemoryBytes: 16 * MEBI },
  ...{
    peakCores: 0.3,
    throttledMs: 40,
    deaths: [],
    starts: 0,
    ooms: 0,
    oomKills: 0,
    unhealthy: 0,
    gone: false,
  },
  ...{ status: "running", health: "healthy" },
};

/** One that stays well, and one of which this is known. */
export function seen(change: Partial<ContainerRecord>, more: Partial<WatchRecord> = {}) {
  const containers = [WELL, { ...WELL, name: "two", ...change }];
  return { watch: { containers, story: [], breaks: 0, listened: true, ...more } };
}
export const broken = (change: Partial<ContainerRecord>) => ({ broken: [{ evidence: seen(change) }] });

/** So many seconds of both processors' time, at the end of each sample. */
export const busyFor = (...seconds: readonly number[]) =>
  seconds.map((busy, index) => ({
    phase: "hold" as const,
    gauges: { cpuBusyMs: busy * 1000, cpuTotalMs: index * 2000 },
  }));

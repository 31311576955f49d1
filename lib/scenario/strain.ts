/** How hard a part of a run was on us and on this box: what was late or lost meanwhile need not be the target's doing. */
import { watchLoopDelay } from "../host/loop-delay.ts";

export interface Strain {
  /** How late our event loop was at most. */
  readonly lateMs: number;
  /** Of one processor, that our own threads used: near 1, the main one does nothing but read. */
  readonly ownCpuShare: number;
  /** Of the time, in which something on this box waited for a processor (PSI some); null where the kernel does not tell. */
  readonly stalledShare: number | null;
}

/** From now on, until the answer is called. `readStalledMs`: how long so far something has waited for a processor; null where untold. */
export function watchStrain(readStalledMs: () => number | null): () => Strain {
  const loop = watchLoopDelay();
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  const stalledMs = readStalledMs();
  return () => {
    const lateMs = loop.worstSinceLast();
    loop.stop();
    const lastedMs = performance.now() - startedMs;
    const { user, system } = process.cpuUsage(cpu);
    const endedMs = readStalledMs();
    return {
      lateMs,
      ownCpuShare: (user + system) / 1000 / lastedMs,
      stalledShare: stalledMs === null || endedMs === null ? null : (endedMs - stalledMs) / lastedMs,
    };
  };
}

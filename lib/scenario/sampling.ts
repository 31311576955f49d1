/** Whether a run can be trusted: how many samples there are, how late, what they cost, and what else the machine was doing. */
import type { Sample } from "../host/gauges.ts";
import type { SamplingRecord } from "../host/sampler.ts";
import type { Report } from "../report/report.ts";
import { maximum, percentile } from "../stats/summary.ts";
import { createWindows, elapsedMs, increase } from "./windows.ts";

export interface SamplingFacts {
  readonly samples: readonly Sample[];
  readonly record: SamplingRecord;
  readonly intervalMs: number;
  readonly unwritten: number;
  /** Gauges that could not even be opened, and what was missing of the target. */
  readonly unreadable: ReadonlyMap<string, string>;
}

export function describeSampling(facts: SamplingFacts): Report["sampling"] {
  const { samples, record, intervalMs, unwritten, unreadable } = facts;
  const late = samples.map(({ lateMs }) => lateMs).filter((ms) => ms !== null);
  return {
    intervalMs,
    due: record.due,
    taken: record.taken,
    lateMs: { p50: percentile(late, 0.5), p99: percentile(late, 0.99), max: maximum(late) },
    medianTickMs: record.medianTickMs,
    samplerShare: record.medianTickMs === null ? null : record.medianTickMs / intervalMs,
    mainThreadShare: perTime(increase(samples, "mainThreadCpuMs"), elapsedMs(samples)),
    stealShare: perTime(increase(samples, "cpuStealMs"), increase(samples, "cpuTotalMs")),
    throttledMs: increase(samples, "cpuThrottledMs"),
    busyBeforeShare: busyShare(createWindows(samples).of("baseline")),
    unwritten,
    unreadable: Object.fromEntries([...unreadable, ...record.failures]),
  };
}

/**
 * How much of the processors' time that the machine gave was worked: what the hypervisor stole and the control group's
 * quota withheld is nobody's to use. Null where it cannot be told.
 */
export function busyShare(samples: readonly Sample[]): number | null {
  return perTime(increase(samples, "cpuBusyMs"), givenMs(samples));
}

/** The same of this process alone: a box that others keep busy has not been loaded by us. */
export function ownBusyShare(samples: readonly Sample[]): number | null {
  return perTime(increase(samples, "processCpuMs"), givenMs(samples));
}

function givenMs(samples: readonly Sample[]): number | null {
  const total = increase(samples, "cpuTotalMs");
  const withheld = (increase(samples, "cpuStealMs") ?? 0) + (increase(samples, "cpuThrottledMs") ?? 0);
  return total === null ? null : total - withheld;
}

function perTime(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : part / whole;
}

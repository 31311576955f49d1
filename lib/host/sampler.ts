/**
 * Reads all gauges at every tick of a fixed grid, on the main thread, and says how late each tick was.
 *
 * Ticks are due at start + n × interval: a late one does not shift the next, and one that is later than the next one's
 * due time has swallowed it, which shows as fewer taken than due.
 */
import { median } from "../stats/summary.ts";
import type { GaugeName, Readings, Sample, Source } from "./gauges.ts";
import { watchLoopDelay } from "./loop-delay.ts";

const MOST_COSTS = 8192;

export interface SamplerSettings {
  readonly intervalMs: number;
  readonly sources: readonly Source[];
  /** Which phase a sample taken now belongs to. */
  readonly phase: () => string;
  readonly loads: () => Sample["loads"];
  readonly named: () => Sample["named"];
  readonly onSample: (sample: Sample) => void;
}

/** How well the sampling itself went. */
export interface SamplingRecord {
  /** Ticks of the grid that have passed, and those of them that were taken. */
  readonly due: number;
  readonly taken: number;
  /** What one tick costs the main thread; the median, because a tick that was preempted measures the preemption. */
  readonly medianTickMs: number | null;
  /** The last failure of each gauge that could not be read at some tick. */
  readonly failures: ReadonlyMap<GaugeName, string>;
}

export interface Sampler {
  readonly startedMs: number;
  /** Reads everything now, off the grid, so that a phase starts and ends exactly. */
  sampleNow(): Sample;
  /** Owes no tick that is overdue now: starting threads blocks some runtimes, and is not the load. */
  forgive(): void;
  readonly record: SamplingRecord;
  stop(): void;
}

export function startSampler(settings: SamplerSettings): Sampler {
  const { intervalMs, sources, phase, loads, named, onSample } = settings;
  const startedMs = performance.now();
  const elapsed = () => performance.now() - startedMs;
  const heartbeat = watchLoopDelay();
  const costs = keepCosts();
  const failures = new Map<GaugeName, string>();
  /** The grid's next tick; how many have been due so far, and how many of those were taken. */
  let next = 0;
  let due = 0;
  let taken = 0;

  function take(lateMs: number | null): Sample {
    const atMs = elapsed();
    const gauges: Readings = { eventLoopDelayMs: heartbeat.worstSinceLast() };
    for (const source of sources) Object.assign(gauges, readSource(source, failures));
    const sample = { atMs, lateMs, phase: phase(), gauges, loads: loads(), named: named() };
    onSample(sample);
    costs.add(elapsed() - atMs);
    return sample;
  }

  function tick() {
    take(Math.max(0, elapsed() - next * intervalMs));
    taken++;
    due += passOver() + 1;
    schedule();
  }

  /** Moves on to the grid's first tick after now. Answers how many between were swallowed. */
  function passOver(): number {
    const current = Math.max(next, Math.floor(elapsed() / intervalMs));
    const swallowed = current - next;
    next = current + 1;
    return swallowed;
  }

  function schedule() {
    clearTimeout(timer);
    timer = setTimeout(tick, Math.max(0, next * intervalMs - elapsed()));
  }

  let timer: NodeJS.Timeout | undefined;
  schedule();
  return {
    startedMs,
    sampleNow: () => take(null),
    forgive() {
      if (elapsed() < next * intervalMs) return;
      passOver();
      schedule();
    },
    get record() {
      return { due, taken, medianTickMs: costs.median(), failures };
    },
    stop() {
      clearTimeout(timer);
      // what a stall to the very end has swallowed
      due += Math.max(0, Math.floor(elapsed() / intervalMs) - next);
      heartbeat.stop();
      for (const source of sources) source.close();
    },
  };
}

/** A few thousand, evenly over a run of any length, tell the median as well as all of them. */
function keepCosts() {
  let kept: number[] = [];
  let every = 1;
  let seen = 0;
  return {
    add(ms: number) {
      if (seen++ % every !== 0) return;
      kept.push(ms);
      if (kept.length < MOST_COSTS) return;
      kept = kept.filter((_, index) => index % 2 === 0);
      every *= 2;
    },
    median: () => median(kept),
  };
}

/** A source that fails gives nulls, so that the others are read all the same. */
function readSource(source: Source, failures: Map<GaugeName, string>): Readings {
  try {
    return source.read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    for (const name of source.gauges) failures.set(name, reason);
    return Object.fromEntries(source.gauges.map((name) => [name, null]));
  }
}

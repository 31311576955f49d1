/** What can be read off host and process: each gauge's name, unit and kind, and the shape of a source that reads some. */
import type { Unit } from "../units.ts";

/** `level`: a value that goes up and down. `counter`: a total since some start, of which only differences mean anything. */
export interface GaugeInfo {
  readonly unit: Unit;
  readonly kind: "level" | "counter";
  readonly help: string;
}

/** Of this host and this process. */
export const HOST_GAUGES = {
  cpuTotalMs: counter("ms", "time that the allowed processors had, idle or not"),
  cpuBusyMs: counter("ms", "time that they worked, for anybody"),
  cpuStealMs: counter("ms", "time that the hypervisor gave to somebody else"),
  cpuThrottledMs: counter("ms", "time that the control group's quota kept this group from running"),
  memoryAvailableBytes: level("bytes", "memory that can be had without swapping"),
  cgroupMemoryBytes: level(
    "bytes",
    "memory charged to the control group that limits this process, less what it can give back",
  ),
  memoryStalledMs: counter("ms", "time in which every task waited for memory (PSI full)"),
  cpuStalledMs: counter("ms", "time in which some task waited for a processor (PSI some)"),
  ioStalledMs: counter("ms", "time in which every task waited for input or output (PSI full)"),
  rssBytes: level("bytes", "this process's resident memory"),
  anonymousBytes: level("bytes", "its resident memory without file pages: resident − shared"),
  descriptors: level("count", "its open descriptors"),
  eventLoopDelayMs: level("ms", "longest drift of a 20 ms timer since the last sample"),
  processCpuMs: counter("ms", "processor time of this process, all threads"),
  mainThreadCpuMs: counter(
    "ms",
    "processor time of the main thread: the sampler and the scenario's own steps",
  ),
  diskFreeBytes: level("bytes", "free space of the volume under load"),
} as const satisfies Record<string, GaugeInfo>;

/** Of a target's whole process tree. */
export const TARGET_GAUGES = {
  targetRssBytes: level("bytes", "resident memory of the target's whole process tree"),
  targetAnonymousBytes: level("bytes", "of it, what is not file pages"),
  targetCpuMs: counter("ms", "processor time of the target's processes"),
  targetThreads: level("count", "its threads"),
  targetDescriptors: level("count", "its open descriptors"),
  targetProcesses: level("count", "its processes"),
  targetSockets: level("count", "its TCP connections, in any state"),
  targetSocketsCloseWait: level("count", "of them, those that the peer has closed and the target has not"),
  targetHealthMs: level("ms", "how long its last answer took"),
  targetHealthFailures: level("count", "questions since the last sample that it has not answered"),
} as const satisfies Record<string, GaugeInfo>;

export type GaugeName = keyof typeof HOST_GAUGES | keyof typeof TARGET_GAUGES;

/** One tick's values. A gauge that could not be read is null, never a guess. */
export type Readings = { [name in GaugeName]?: number | null };

/** The same of gauges whose names are known only at run time. */
export type NamedReadings = Readonly<Record<string, number | null>>;

/** Reads some gauges at once, from handles that it opened before the load. */
export interface Source {
  readonly gauges: readonly GaugeName[];
  read(): Readings;
  close(): void;
}

/** The phase of samples that belong to none: threads start then, and the scenario takes steps of its own. */
export const BETWEEN = "between phases";

/** All at one tick. */
export interface Sample {
  /** Since the start of the run. */
  readonly atMs: number;
  /** How much after its due time it was taken; null for one off the grid, which starts or ends a phase. */
  readonly lateMs: number | null;
  /** Which phase it belongs to, "hold 75 %". */
  readonly phase: string;
  readonly gauges: Readings;
  /** Requested and achieved load, by stressor. */
  readonly loads: Readonly<Record<string, LedgerRow>>;
  /** The target's own gauges, by the names that the user gave them. */
  readonly named: NamedReadings;
}

interface LedgerRow {
  readonly asked: number;
  readonly held: number;
  readonly unit: Unit;
}

function level(unit: Unit, help: string): GaugeInfo {
  return { unit, kind: "level", help };
}

function counter(unit: Unit, help: string): GaugeInfo {
  return { unit, kind: "counter", help };
}

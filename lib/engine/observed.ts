/** One container as it is seen: what the engine says, what the kernel reads, and what that comes to. */
import { nameOf } from "./inspected.ts";
import type { EngineEvent, Inspected } from "./schemas.ts";
import { openUsage, type Usage, type UsageReader } from "./usage.ts";

export interface ContainerRecord {
  readonly name: string;
  readonly hasCheck: boolean;
  /** "always", "no". */
  readonly restartPolicy: string;
  readonly limitBytes: number | null;
  /** Whether it was running, and healthy where it has a check, as the watch began. */
  readonly wellBefore: boolean;
  readonly samples: number;
  /** Of them, those in which it ran, was not unhealthy, and its memory was below what it may be. */
  readonly stable: number;
  /** Of them, those at or above it. */
  readonly overMemory: number;
  /** Of its limit, at the most; null: none, or not to be read. */
  readonly peakMemoryShare: number | null;
  readonly peakMemoryBytes: number | null;
  /** Over a second, at the most; null: not to be read. */
  readonly peakCores: number | null;
  readonly throttledMs: number | null;
  /** Exit codes, in order. */
  readonly deaths: readonly number[];
  readonly starts: number;
  readonly ooms: number;
  /** Of its processes, those that the kernel killed for lack of memory, as far as it could be read. */
  readonly oomKills: number;
  /** How often it became unhealthy. */
  readonly unhealthy: number;
  /** It was removed. */
  readonly gone: boolean;
  /** At the end: "running", "exited", and "healthy", "unhealthy", "starting", "none". */
  readonly status: string;
  readonly health: string;
}

export interface Observed {
  readonly id: string;
  readonly name: string;
  /** How many events. */
  readonly heardSoFar: number;
  /** Since `begin`. */
  readonly starts: number;
  isWell(): boolean;
  begin(): void;
  /** The engine was asked: null, it is gone. */
  seen(found: Inspected | null): void;
  /** Answers what it tells, in a few words. */
  heard(event: EngineEvent): string;
  sample(nowMs: number): void;
  record(): ContainerRecord;
}

const UNREAD: Usage = { workingSetBytes: null, cpuMs: null, throttledMs: null, oomKills: null };
/** A shorter time tells more of how a scheduler slices than of what a container takes. */
const CPU_WINDOW_MS = 1000;

export function createObserved(first: Inspected, maxMemoryShare: number): Observed {
  const name = nameOf(first);
  let state = first.State;
  let gone = false;
  let heardSoFar = 0;
  let usage: UsageReader | null = null;
  let usedBy = "";
  /** Of this start, until the last look. */
  let killsSoFar = 0;
  let window: { readonly atMs: number; readonly cpuMs: number; readonly throttledMs: number } | null = null;
  let counts = none();

  function none() {
    return {
      wellBefore: false,
      ...{ samples: 0, stable: 0, overMemory: 0, starts: 0, ooms: 0, oomKills: 0, unhealthy: 0 },
      deaths: [] as number[],
      peakMemoryBytes: null as number | null,
      peakCores: null as number | null,
      throttledMs: null as number | null,
    };
  }
  const health = () => state.Health?.Status || "none";
  const runs = () => !gone && state.Status === "running";

  /** Each start has a group of its own. */
  function follow(): void {
    const start = `${state.Pid} ${state.StartedAt}`;
    if (start === usedBy) return;
    usedBy = start;
    window = null;
    usage = runs() ? openUsage(state.Pid, first.Id) : null;
    killsSoFar = usage?.read().oomKills ?? 0;
  }

  function isOver(bytes: number | null): boolean {
    const limit = usage?.limitBytes ?? null;
    return bytes !== null && limit !== null && bytes >= maxMemoryShare * limit;
  }

  function countCpu(nowMs: number, cpuMs: number | null, throttledMs: number | null): void {
    if (cpuMs === null) return;
    const now = { atMs: nowMs, cpuMs, throttledMs: throttledMs ?? 0 };
    window ??= now;
    const lastsMs = nowMs - window.atMs;
    if (lastsMs < CPU_WINDOW_MS) return;
    counts.peakCores = Math.max(counts.peakCores ?? 0, (cpuMs - window.cpuMs) / lastsMs);
    if (throttledMs !== null)
      counts.throttledMs = (counts.throttledMs ?? 0) + throttledMs - window.throttledMs;
    window = now;
  }

  follow();
  return {
    ...{ id: first.Id, name },
    get heardSoFar() {
      return heardSoFar;
    },
    get starts() {
      return counts.starts;
    },
    isWell: () => runs() && /^(none|healthy)$/.test(health()),
    begin() {
      counts = { ...none(), wellBefore: this.isWell() };
      window = null;
    },
    seen(found) {
      if (found === null) gone = true;
      else state = found.State;
      follow();
    },
    heard({ action, attributes }) {
      heardSoFar++;
      if (action === "oom") counts.ooms++;
      if (action === "start") counts.starts++;
      if (action === "destroy") gone = true;
      const exitCode = Number(attributes.exitCode ?? Number.NaN);
      if (action === "die") {
        counts.deaths.push(exitCode);
        state = { ...state, Status: "exited", ExitCode: exitCode };
      }
      const [, told] = /^health_status: ?(\w+)$/.exec(action) ?? [];
      if (told) state = { ...state, Health: { Status: told, FailingStreak: 0 } };
      if (told === "unhealthy") counts.unhealthy++;
      return action === "die" ? `ended with ${exitCode}` : action;
    },
    sample(nowMs) {
      const read = runs() ? usage?.read() : null;
      const { workingSetBytes, cpuMs, throttledMs, oomKills } = read ?? UNREAD;
      if (oomKills !== null) {
        counts.oomKills += oomKills - killsSoFar;
        killsSoFar = oomKills;
      }
      const over = isOver(workingSetBytes);
      counts.samples++;
      if (over) counts.overMemory++;
      if (runs() && health() !== "unhealthy" && !over) counts.stable++;
      if (workingSetBytes !== null)
        counts.peakMemoryBytes = Math.max(counts.peakMemoryBytes ?? 0, workingSetBytes);
      countCpu(nowMs, cpuMs, throttledMs);
    },
    record() {
      const limitBytes = usage?.limitBytes ?? (first.HostConfig.Memory || null);
      const { peakMemoryBytes } = counts;
      return {
        name,
        hasCheck: health() !== "none",
        restartPolicy: first.HostConfig.RestartPolicy.Name || "no",
        limitBytes,
        ...counts,
        peakMemoryShare: limitBytes && peakMemoryBytes !== null ? peakMemoryBytes / limitBytes : null,
        ...{ gone, status: gone ? "gone" : state.Status, health: health() },
      };
    },
  };
}

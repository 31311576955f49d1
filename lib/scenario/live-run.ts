/** A run while it lasts: its samples, loads and phases, and the context that the scenario works with. */

import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { writeKept } from "../engine/keep-running.ts";
import { own, writeOwned } from "../engine/owned.ts";
import { createCgroup } from "../host/cgroup.ts";
import { BETWEEN, type Readings, type Sample, type Source } from "../host/gauges.ts";
import { checkGuard, type GuardLimits } from "../host/guard.ts";
import { keepSamples } from "../host/kept-samples.ts";
import { type Sampler, startSampler } from "../host/sampler.ts";
import { TEMPORARY_PREFIX } from "../host/temporary-name.ts";
import type { Lock } from "../report/lock.ts";
import type { RunFolder } from "../report/run-folder.ts";
import { type AnyLoad, createStress, readLedger, type Stress } from "../stress/load.ts";
import { orAborted, rest } from "./abortable.ts";
import type { Options } from "./option.ts";
import type { PhaseKind, PhaseSettings } from "./phase.ts";
import { type CurrentPhase, type Phases, trackPhases } from "./phases.ts";
import type { Prepared } from "./prepare.ts";
import { PROFILES } from "./profile.ts";
import type { Context, TargetUse } from "./scenario.ts";
import { createLiveTarget, type LiveTarget } from "./target-run.ts";

export interface LiveSettings<O extends Options> {
  readonly prepared: Prepared<O>;
  readonly folder: RunFolder;
  readonly lock: Lock;
  readonly sources: readonly Source[];
  readonly guard: GuardLimits;
  readonly use: TargetUse<O>;
  readonly workerFile: (worker: string) => URL;
  readonly signal: AbortSignal;
  readonly observer: Observer;
}

/** Who watches a run: the terminal. */
export interface Observer {
  onPhase(phase: CurrentPhase | null): void;
  onSample(sample: Sample, phase: CurrentPhase | null): void;
}

export interface LiveRun<O extends Options> {
  readonly context: Context<O>;
  /** Of a run of many hours not all. */
  readonly samples: readonly Sample[];
  readonly loads: readonly AnyLoad[];
  readonly phases: Phases;
  readonly sampler: Sampler;
  /** Why the guard ended the load, or null. */
  readonly guard: string | null;
  readonly unwritten: number;
  readonly target: LiveTarget;
  /** Starts the target, where the scenario does not do so itself. */
  begin(): Promise<void>;
  /** Gives the target time to give back what it took. */
  settle(): Promise<void>;
  /** Lets go of every load and stops sampling. */
  end(): Promise<void>;
}

/** Three weeks: timers end at 24.8 days, and then fire at once. */
const LONGEST_MS = 21 * 24 * 3_600_000;

export function startLiveRun<O extends Options>(settings: LiveSettings<O>): LiveRun<O> {
  const { prepared, folder, signal, observer } = settings;
  const samples = keepSamples();
  const loads: AnyLoad[] = [];
  const watchers = new Set<(sample: Sample) => void>();
  const loadEnded = new AbortController();
  let guard: string | null = null;
  let unwritten = 0;

  function endLoad() {
    for (const load of loads) load.letGo();
    loadEnded.abort();
  }

  function onSample(sample: Sample) {
    const danger = guard ?? checkGuard(settings.guard, sample, samples.all.at(-1));
    samples.add(sample);
    if (!folder.appendSample(sample)) unwritten++;
    if (danger !== null && guard === null) {
      guard = danger;
      endLoad();
    }
    for (const watch of watchers) watch(sample);
    observer.onSample(sample, phases.current);
  }

  /** What starting threads, or listing all that a target has open, did to the event loop is not the load's. */
  function forgive() {
    sampler.sampleNow();
    sampler.forgive();
  }

  function journalProcesses(marker: string) {
    settings.lock.journal({ kind: "processes", path: marker });
  }

  const phaseNow = () => phases.current?.name ?? BETWEEN;
  const target = createLiveTarget({
    spec: prepared.target?.spec ?? null,
    isHub: prepared.target?.isHub ?? false,
    values: prepared.common,
    intervalMs: prepared.common.interval,
    signal,
    now: () => performance.now() - sampler.startedMs,
    phase: phaseNow,
    makeFolder,
    journal: journalProcesses,
    // there is nothing left to load
    onDeath: endLoad,
  });
  const sampler = startSampler({
    intervalMs: prepared.common.interval,
    sources: [...settings.sources, target.source],
    phase: phaseNow,
    loads: () => readLedger(loads),
    named: target.named,
    onSample,
  });
  const phases = trackPhases(() => performance.now() - sampler.startedMs, observer.onPhase);

  const startStress = createStress({
    workerFile: settings.workerFile,
    graceMs: () =>
      signal.aborted ? PROFILES[prepared.profile.name].emergencyCleanupTimeout : prepared.common.grace,
    longestMs: Math.min(LONGEST_MS, prepared.plan.durationMs * 2 + 60_000),
    onLoad: (load) => {
      loads.push(load);
      if (guard !== null) load.letGo();
    },
    onReady: forgive,
  });

  // threads that do not start must not keep an interruption waiting
  const stress: Stress = (worker, demand) => orAborted(startStress(worker, demand), signal);

  async function phase<T>(
    kind: PhaseKind,
    phaseSettings: PhaseSettings,
    work?: () => Promise<T>,
  ): Promise<T | undefined> {
    signal.throwIfAborted();
    phases.begin(kind, phaseSettings);
    sampler.sampleNow();
    try {
      if (work) return await orAborted(work(), signal);
      // a load that the guard has ended is not held any longer; before and after it there is nothing to cut short
      const loaded = kind === "load" || kind === "hold";
      await rest(phaseSettings.lastsMs, loaded ? AbortSignal.any([signal, loadEnded.signal]) : signal);
      signal.throwIfAborted();
    } finally {
      sampler.sampleNow();
      phases.end();
    }
  }

  function until(holds: (readings: Readings) => boolean, withinMs: number): Promise<boolean> {
    return orAborted(
      new Promise((resolve) => {
        const settle = (answer: boolean) => {
          watchers.delete(watch);
          clearTimeout(timer);
          signal.removeEventListener("abort", abandon);
          resolve(answer);
        };
        const abandon = () => settle(false);
        signal.addEventListener("abort", abandon);
        const watch = ({ gauges }: Sample) => holds(gauges) && settle(true);
        const timer = setTimeout(() => settle(holds(sampler.sampleNow().gauges)), withinMs);
        watchers.add(watch);
      }),
      signal,
    );
  }

  function makeFolder(parent: string): string {
    const path = join(parent, temporaryName(folder));
    settings.lock.journal({ kind: "folder", path });
    // not recursive: a folder that somebody else has made by this name is an error
    mkdirSync(path, { mode: 0o700 });
    return path;
  }

  const context: Context<O> = {
    options: prepared.values,
    host: prepared.host,
    seed: prepared.seed,
    signal: AbortSignal.any([signal, loadEnded.signal]),
    stress,
    target,
    phase: phase as Context<O>["phase"],
    read: () => sampler.sampleNow().gauges,
    until,
    temporaryFolder: makeFolder,
    markProcesses() {
      const marker = randomBytes(8).toString("hex");
      journalProcesses(marker);
      return marker;
    },
    ownContainers(host) {
      const owned = own(host);
      settings.lock.journal({ kind: "containers", path: writeOwned(owned) });
      return owned;
    },
    keepRunning: (kept) => settings.lock.journal({ kind: "running", path: writeKept(kept) }),
    temporaryCgroup(controller) {
      const name = `${temporaryName(folder)}-${settings.lock.temporary.length}`;
      return createCgroup(controller, name, (path) => settings.lock.journal({ kind: "cgroup", path }));
    },
  };

  return {
    context,
    samples: samples.all,
    loads,
    phases,
    sampler,
    get guard() {
      return guard;
    },
    get unwritten() {
      return unwritten;
    },
    target,
    async begin() {
      const { role, start } = settings.use;
      if (!prepared.target || role === "driven") return;
      await target.begin(start?.(prepared.values) ?? {});
      forgive();
    },
    async settle() {
      if (!prepared.target || settings.use.role === "driven") return;
      await phase("recovery", { label: "of the target", lastsMs: prepared.common.targetSettle }, () =>
        target.settle((holds, withinMs) => until(holds, withinMs)),
      );
      forgive();
    },
    async end() {
      await Promise.all(loads.map((load) => load.release()));
      await target.end(
        signal.aborted
          ? PROFILES[prepared.profile.name].emergencyCleanupTimeout
          : prepared.common.targetStopWithin,
      );
      sampler.sampleNow();
      sampler.stop();
    },
  };
}

/** Not to be guessed, and another one in another container with the same pid. */
function temporaryName(folder: RunFolder): string {
  return `${TEMPORARY_PREFIX}${process.pid}-${basename(folder.path)}-${randomBytes(4).toString("hex")}`;
}

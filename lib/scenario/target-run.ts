/** The target of a run while it lasts: started for the scenario, watched at every sample, and never left behind. */
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { type GaugeName, type NamedReadings, type Source, TARGET_GAUGES } from "../host/gauges.ts";
import { launchTarget } from "../target/launch.ts";
import type { TargetSpec } from "../target/spec.ts";
import type { Target } from "../target/target.ts";
import type { TargetFacts } from "./target-facts.ts";
import { type Notes, takeNotes } from "./target-notes.ts";
import type { TargetValues } from "./target-options.ts";
import { type Checkpoint, readGauges, takeCheckpoint, type Watched, watchTarget } from "./target-watch.ts";

export interface StartSettings {
  readonly extraWords?: readonly string[];
  /** A lowered RLIMIT_NOFILE. */
  readonly descriptorLimit?: number;
  readonly port?: number;
  /** For starts that race on purpose. */
  readonly portMayBeTaken?: boolean;
  /** {dir}: else one folder for all starts of a run. */
  readonly dir?: string;
}

/** What a scenario does with its target. */
export interface TargetRun {
  /** Null where none was given, and the scenario can do without. */
  readonly spec: TargetSpec | null;
  /** Whether it is the reference hub. */
  readonly isHub: boolean;
  /** The one that runs now. Throws where none does. */
  readonly running: Target;
  /** Starts one, for scenarios that do so themselves: it is ended with the run at the latest. Rejects with a TargetError. */
  launch(settings?: StartSettings): Promise<Target>;
  /** Makes this one the one that is watched. */
  watch(target: Target): Promise<void>;
  /** The last values of the gauges that have a name. */
  named(): NamedReadings;
  /** Asks every one of them now. */
  readNamed(): Promise<NamedReadings>;
  /** Counts its connections now: the sampled number may be seconds old beside many that end. Null where they cannot be counted. */
  countSockets(): Promise<number | null>;
  /** Counts the objects that live in it, after a forced collection; null where its engine cannot be asked. */
  countObjects(): Promise<number | null>;
  /** What it holds now, after a forced collection where its engine can be asked: take it at a quiet point. */
  checkpoint(cycle: number): Promise<Checkpoint>;
  /** It has warmed up: what it holds now is what it may keep. Once, between two repetitions. */
  rebase(): Promise<void>;
}

/** The same for the runner. */
export interface LiveTarget extends TargetRun {
  readonly source: Source;
  /** Starts it and notes what it holds, for a scenario that does not do so itself. */
  begin(settings: StartSettings): Promise<void>;
  /** Waits until what it took is back. */
  settle(until: (holds: () => boolean, withinMs: number) => Promise<boolean>): Promise<void>;
  /** Stops what runs. What is left after so long is killed. */
  end(withinMs: number): Promise<void>;
  /** After the end; null for a target that the runner has not begun. */
  readonly facts: TargetFacts | null;
  /** What looks at the one that was watched last could not read, and why. */
  readonly unread: ReadonlyMap<string, string>;
}

export interface TargetSettings {
  readonly spec: TargetSpec | null;
  readonly isHub: boolean;
  readonly values: TargetValues;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  /** Milliseconds since the start of the run. */
  readonly now: () => number;
  readonly phase: () => string;
  readonly makeFolder: (parent: string) => string;
  readonly journal: (marker: string) => void;
  /** Told when it ends before it was asked to. */
  readonly onDeath: () => void;
}

export function createLiveTarget(settings: TargetSettings): LiveTarget {
  const { spec, isHub, values, now } = settings;
  let watched: Watched | null = null;
  let unread: ReadonlyMap<string, string> = new Map();
  let notes: Notes | null = null;
  let facts: TargetFacts | null = null;
  const launches = new Set<Promise<Target | null>>();
  let over = false;
  let folder: string | null = null;
  let runMark: string | null = null;

  /** One for all starts: thousands of them are ended, should we be killed, by one look. */
  function markRun(): string {
    if (runMark !== null) return runMark;
    runMark = randomBytes(12).toString("hex");
    settings.journal(runMark);
    return runMark;
  }

  /** Of those that have ended with all their children nothing is kept. */
  async function forgetIfGone(launched: Promise<Target | null>): Promise<void> {
    const target = await launched;
    if (target && (target.alive || target.pids().length > 0)) return;
    await target?.stop(0);
    launches.delete(launched);
  }

  const current = (): Watched => {
    if (!watched) throw new Error("Cannot use the target: expected it to run");
    return watched;
  };

  function launch({ dir, ...more }: StartSettings = {}): Promise<Target> {
    if (spec === null || over)
      throw new Error("Cannot start a target: expected one to be given, and the run to go on");
    folder ??= settings.makeFolder(tmpdir());
    for (const earlier of launches) void forgetIfGone(earlier).catch(() => {});
    const launched = launchTarget({
      spec,
      dir: dir ?? folder,
      readyWithinMs: values.targetReadyWithin,
      signal: settings.signal,
      probe: true,
      journal: settings.journal,
      ...(spec.command && { runMark: markRun() }),
      ...more,
    });
    launches.add(launched.catch(() => null));
    return launched;
  }

  async function watch(target: Target): Promise<void> {
    const before = watched;
    watched = null;
    await before?.close();
    watched = await watchTarget(target, {
      intervalMs: settings.intervalMs,
      healthEveryMs: values.targetHealthEvery,
      healthTimeoutMs: values.targetMaxOutage,
    });
  }

  return {
    spec,
    isHub,
    get running() {
      return current().target;
    },
    launch,
    watch,
    readNamed: () => current().gauges.refresh(),
    async countSockets() {
      const { reader } = current();
      await reader.recountSockets();
      return reader.read().sockets;
    },
    async countObjects() {
      const { live, health } = current();
      if (live === null) return null;
      const count = () => live.countObjects().catch(() => null);
      // nobody else is answered meanwhile
      return health === null ? count() : health.spare(count);
    },
    checkpoint: (cycle) => takeCheckpoint(current(), cycle, now),
    rebase: async () => notes?.rebase(),
    source: {
      gauges: Object.keys(TARGET_GAUGES) as GaugeName[],
      // when it is being ended, it answers nobody because we asked it to
      read: () => (watched && !over ? readGauges(watched) : {}),
      close: () => {},
    },
    named: () => watched?.gauges.read() ?? {},
    async begin(how) {
      const target = await launch(how);
      await watch(target);
      const taken = await takeNotes(current(), { isHub, values, now });
      notes = taken;
      void target.ended.then((end) => {
        if (facts) return;
        taken.die(end, settings.phase());
        settings.onDeath();
      });
    },
    settle: async (until) => notes?.settle(until),
    async end(withinMs) {
      over = true;
      const told = notes?.finish();
      // what happens from here on was asked for
      if (told) facts = { ...told, stop: null };
      // also those that are just being started
      const targets = (await Promise.all(launches)).filter((target) => target !== null);
      const [stop] = await Promise.all(targets.map((target) => target.stop(withinMs)));
      if (told && stop && told.command) {
        facts = { ...told, stop: { tookMs: stop.tookMs, forced: stop.forced, left: stop.left } };
      }
      unread = watched?.unread.tell() ?? unread;
      await watched?.close();
      watched = null;
    },
    get facts() {
      return facts;
    },
    get unread() {
      return unread;
    },
  };
}

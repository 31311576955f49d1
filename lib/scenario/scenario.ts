/** The contract of a scenario: a load, the phases it goes through, and the invariants that must survive it. */
import type { Kept } from "../engine/keep-running.ts";
import type { Owned } from "../engine/owned.ts";
import type { Cgroup, Controller } from "../host/cgroup.ts";
import type { HostFacts } from "../host/facts.ts";
import type { Readings } from "../host/gauges.ts";
import type { Picture } from "../report/report.ts";
import type { Stress } from "../stress/load.ts";
import type { TargetSpec } from "../target/spec.ts";
import type { Measure } from "./measure.ts";
import type { Options, Values } from "./option.ts";
import type { PhaseKind, PhaseSettings } from "./phase.ts";
import type { StartSettings, TargetRun } from "./target-run.ts";
import type { Windows } from "./windows.ts";

/** What a scenario's `run` is given. Everything that it starts here is ended for it, however the run ends. */
export interface Context<O extends Options> {
  readonly options: Values<O>;
  readonly host: HostFacts;
  /** The run's seed: the same seed repeats the same random choices. */
  readonly seed: number;
  readonly stress: Stress;
  /** What is loaded, or runs beside the load. */
  readonly target: TargetRun;
  /** Enters a phase and does its work; without work it lasts its time, or until the load has to end. */
  phase(kind: PhaseKind, settings: PhaseSettings): Promise<void>;
  phase<T>(kind: PhaseKind, settings: PhaseSettings, work: () => Promise<T>): Promise<T>;
  /** Reads every gauge now. */
  read(): Readings;
  /** Waits, sample by sample, until this holds. Answers whether it did in time. */
  until(holds: (readings: Readings) => boolean, withinMs: number): Promise<boolean>;
  /** Makes a private folder in `parent`, removed at the end, or by the next command if this one is killed. */
  temporaryFolder(parent: string): string;
  /** Makes a control group, removed likewise. */
  temporaryCgroup(controller: Controller): Cgroup | { readonly refused: string };
  /** A mark for processes that the scenario starts itself: whoever carries it is ended at the end, or by the next command. */
  markProcesses(): string;
  /** A mark for containers that the scenario makes in the engine there, and for their image: removed likewise. */
  ownContainers(host: string): Owned;
  /** Containers that run, and may be stopped meanwhile: started again at the end, or by the next command. */
  keepRunning(kept: Kept): void;
  /** Aborted when the load has to end, by an interruption or the guard: for child processes and sockets. */
  readonly signal: AbortSignal;
}

/** What an invariant judges: pure data, so that a saved run can be judged again. */
export interface Facts<O extends Options, E> {
  readonly options: Values<O>;
  /** Which of them the user set: a limit that nobody chose does not convict where it is a guess. */
  readonly given: ReadonlySet<keyof O>;
  readonly host: HostFacts;
  readonly evidence: E;
  readonly windows: Windows;
  /** What the target still held after the load, and had not held before, by name; of one that the scenario drives, nothing. */
  readonly stayed: readonly string[];
  /** What the run that --baseline names had measured, to be looked at with care; null without one. */
  readonly before: unknown;
}

/** A sentence that must be true, `{option}` standing for an option's value, and how it is measured. */
type Invariants<O extends Options, E> = Readonly<Record<string, (facts: Facts<O, E>) => Measure>>;

/** What a run is going to take, before it takes anything. */
export interface Plan {
  readonly durationMs: number;
  /** What is done, a line each. */
  readonly steps: readonly string[];
  /** The most that it takes at any moment, of what it takes at all. */
  readonly peak: Partial<Record<"memoryBytes" | "descriptors" | "diskBytes" | "cores" | "processes", number>>;
}

/** What a scenario has to do with a target. */
export interface TargetUse<O extends Options> {
  /**
   * `beside`: watched while the box suffers, where one is given. `loaded`: it is what suffers; the reference hub where none is
   * given. `driven`: the same, but the scenario starts and stops it. `none`: it makes no sense here.
   */
  readonly role: "beside" | "loaded" | "driven" | "none";
  /** What the hub is told beside port and folder. */
  readonly hub?: (options: Values<O>) => readonly string[];
  /** What the hub is told where nobody else reads it. */
  readonly hubEnvironment?: Readonly<Record<string, string>>;
  /** With which clients introduce themselves: questions about readiness and health of the same server have them, too. */
  readonly headers?: (options: Values<O>) => Readonly<Record<string, string>>;
  readonly start?: (options: Values<O>) => StartSettings;
  /** The load is there to make it refuse: that is no outage. */
  readonly mayRefuse?: true;
}

export interface Scenario<O extends Options = Options, E = unknown> {
  /** One sentence: the row in every list. */
  readonly summary: string;
  readonly group: "exhaustion" | "audit" | "confidence" | "sockets" | "imports" | "containers";
  readonly options: O;
  /** Without it: `beside`. */
  readonly target?: TargetUse<O>;
  /** Environment that has to be set before the process starts; the file's first line sets it. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The volume whose free space is sampled and guarded; else that of the reports. */
  readonly volume?: (options: Values<O>) => { readonly path: string; readonly guarded: boolean };
  /** Why it cannot run here, or null. */
  readonly requires?: (host: HostFacts, options: Values<O>) => string | null | Promise<string | null>;
  /** What is wrong with these options together or on this host, a sentence each. `given`: what the user set; `target`: null for the hub too. */
  readonly contradictions?: (
    options: Values<O>,
    host: HostFacts,
    given: ReadonlySet<keyof O>,
    target: TargetSpec | null,
  ) => readonly string[];
  /** `target`: null for the hub too. */
  readonly plan: (options: Values<O>, host: HostFacts, target: TargetSpec | null) => Plan;
  readonly run: (context: Context<O>) => Promise<E>;
  /** What the report draws beside the curves, or null. */
  readonly picture?: (evidence: E) => Picture | null;
  readonly invariants: {
    /** Was there any load? Broken: the verdict is inconclusive. */
    readonly applied: Invariants<O, E>;
    /** What had to stay true during the load. Broken: fail. */
    readonly held: Invariants<O, E>;
    /** What had to come back after it. Broken: fail. */
    readonly recovered: Invariants<O, E>;
  };
}

/** Declares a scenario; the types of options and evidence follow from what is written. */
export function defineScenario<const O extends Options, E>(scenario: Scenario<O, E>): Scenario<O, E> {
  return scenario;
}

/** What a target held before the load, once it had warmed up, and after it, whether it lived and answered meanwhile: what its invariants judge. */
import type { HealthRecord } from "../target/health.ts";
import type { OutputCounts, StopRecord } from "../target/target.ts";
import type { Checkpoint } from "./target-watch.ts";

export interface TargetState extends Omit<Checkpoint, "cycle" | "engines" | "resources" | "named"> {
  /** How many of its descriptors are files, sockets, pipes …; null where not all could be looked at. */
  readonly descriptorKinds: Readonly<Record<string, number>> | null;
}

export interface TargetFacts {
  readonly name: string;
  readonly isHub: boolean;
  readonly command: readonly string[] | null;
  readonly pid: number | null;
  readonly url: string | null;
  readonly readyAfterMs: number;
  /** Where it ended before it was asked to. */
  readonly died: {
    readonly exitCode: number | null;
    readonly signal: string | null;
    readonly during: string;
  } | null;
  /** Null where it has nothing that could be asked. */
  readonly health: { readonly underLoad: HealthRecord; readonly afterwards: HealthRecord } | null;
  readonly before: TargetState;
  /**
   * Once the load had warmed it up: pools are open and caches filled, so that what it holds afterwards compares with this. Null
   * where it was not loaded, or not for so long.
   */
  readonly base: TargetState | null;
  /** Null where it was not there any more, or the run was cut short. */
  readonly after: TargetState | null;
  /** What is there afterwards and was not before (or at the base, where there is one), by name. */
  readonly stayed: readonly string[];
  /** Null for one that we did not start. */
  readonly stop: Omit<StopRecord, "end"> | null;
  readonly lastLines: readonly string[];
  /** Null for one that we did not start. */
  readonly output: OutputCounts | null;
}

export const KEPT = ["descriptors", "threads", "sockets", "processes"] as const;

/** How much more of each there is than before; null where it could not be read. */
export function kept(
  before: TargetState,
  after: Partial<TargetState>,
  what: (typeof KEPT)[number] | "anonymousBytes" | "rssBytes",
) {
  const [was, is] = [before[what], after[what]];
  return typeof was === "number" && typeof is === "number" ? is - was : null;
}

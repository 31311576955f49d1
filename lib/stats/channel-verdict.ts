/** What goes into the judgement of a channel, and what comes out of it. */
import type { Point } from "./floors.ts";
import type { Kind, Per } from "./thresholds.ts";

export interface Channel {
  readonly kind: Kind;
  /** What the reader calls it: "descriptors". */
  readonly name: string;
  /** In the order of time. x may stand still, and never falls. */
  readonly points: readonly Point[];
  /** Of a natural heap: the count of major collections at each point, null where it was not taken. */
  readonly majorCollections?: readonly (number | null)[];
  /** Why so many readings are missing that the others cannot show that it is level: only that it grows. */
  readonly unread?: string;
}

export interface Conditions {
  /** Declared by the user; longer than the first third it replaces that. From the start of the run. */
  readonly warmUpMs?: number;
  /** By how much a healthy anonymous RSS may grow, see ALLOWANCE_BYTES. */
  readonly allowanceBytes?: number;
  readonly per?: Per;
  /** When the run began and ended, where the channel's first and last reading do not tell. */
  readonly startMs?: number;
  readonly endMs?: number;
}

export type Verdict = "growing" | "level" | "inconclusive";

/** Why a channel is inconclusive, for programs. */
export type Cause =
  | "empty"
  | "unread"
  | "short"
  | "few-readings"
  | "growing-so-far"
  | "slowing"
  | "paused"
  | "draining"
  | "uncollected"
  | "noise";

export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
  /** Null where it is not inconclusive. */
  readonly cause: Cause | null;
  /** The smallest leak that is excluded, where it is not δ. */
  readonly excluded?: number;
}

/** Slopes are in bytes or things per cycle (per second where nothing repeats); null where no line could be fitted. */
export interface ChannelVerdict {
  readonly kind: Kind;
  readonly name: string;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly cause: Cause | null;
  readonly slopePerCycle: number | null;
  /** The 98 % interval of the slope. */
  readonly low: number | null;
  readonly high: number | null;
  readonly slopePerHour: number | null;
  /** From the end of the warm-up to the end of the run, by the fitted line. */
  readonly growth: number | null;
  /** The fitted line at the end of the run: what a limit is compared with. */
  readonly level: number | null;
  /** Growth per cycle from which on this run would have told. */
  readonly smallestLeakExcluded: number | null;
  /** The length of run that would decide, null where nobody can say or where it is decided. */
  readonly decidesAfterMs: number | null;
  /** Readings that were judged: one from each block after the warm-up. */
  readonly floors: readonly Point[];
}

/** What a target held before the load and after it, whether it lived and answered meanwhile: what its invariants judge. */
import type { HealthRecord } from "../target/health.ts";
import { type Inventory, takeInventory, whatStayed } from "../target/inventory.ts";
import type { StopRecord, TargetEnd } from "../target/target.ts";
import type { TargetValues } from "./target-options.ts";
import { type Checkpoint, takeCheckpoint, type Watched } from "./target-watch.ts";

export type TargetState = Omit<Checkpoint, "cycle" | "engines" | "resources" | "named">;

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
  /** Null where it was not there any more, or the run was cut short. */
  readonly after: TargetState | null;
  /** What is there afterwards and was not before, by name. */
  readonly stayed: readonly string[];
  /** Null for one that we did not start. */
  readonly stop: Omit<StopRecord, "end"> | null;
  readonly lastLines: readonly string[];
}

/** Takes notes of one target, from before the load to its end. */
export interface Notes {
  /** It has ended before it was asked to. */
  die(end: TargetEnd, during: string): void;
  /** Waits, sample by sample, until what it took is back; then notes what is not. */
  settle(until: (holds: () => boolean, withinMs: number) => Promise<boolean>): Promise<void>;
  /** Everything but how it stopped. */
  finish(): Omit<TargetFacts, "stop">;
}

export async function takeNotes(
  watched: Watched,
  { isHub, values, now }: { isHub: boolean; values: TargetValues; now: () => number },
): Promise<Notes> {
  const { target, health } = watched;
  await health?.answered();
  const state = async (): Promise<TargetState> => takeCheckpoint(watched, 0, now());
  const before = await state();
  const inventory: Inventory = takeInventory(target.pids());
  health?.mark();
  let died: TargetFacts["died"] = null;
  let after: TargetState | null = null;
  let underLoad: HealthRecord | null = null;
  let stayed: readonly string[] = [];

  return {
    die(end, during) {
      died = { exitCode: end.exitCode, signal: end.signal, during };
    },
    async settle(until) {
      underLoad = health?.record() ?? null;
      health?.mark();
      if (died) return;
      await watched.reader.recountSockets();
      await until(() => isBack(before, watched, values), values.targetSettle);
      await health?.answered();
      after = await state();
      stayed = whatStayed(inventory, takeInventory(target.pids()));
    },
    finish: () => ({
      name: target.name,
      isHub,
      command: target.spec.command,
      pid: target.pid,
      url: target.url,
      readyAfterMs: target.readyAfterMs,
      died,
      health: health && underLoad ? { underLoad, afterwards: health.record() } : null,
      before,
      after,
      stayed,
      lastLines: target.lastLines(),
    }),
  };
}

export const KEPT = ["descriptors", "threads", "sockets", "processes"] as const;

/** How much more of each there is than before; null where it could not be read. */
export function kept(
  before: TargetState,
  after: Partial<TargetState>,
  what: (typeof KEPT)[number] | "anonymousBytes",
) {
  const [was, is] = [before[what], after[what]];
  return typeof was === "number" && typeof is === "number" ? is - was : null;
}

function isBack(
  before: TargetState,
  { reader }: Watched,
  { targetMaxKept, targetMaxGrowth }: TargetValues,
): boolean {
  const current = reader.read();
  const few = KEPT.every((what) => (kept(before, current, what) ?? 0) <= targetMaxKept);
  return few && (kept(before, current, "anonymousBytes") ?? 0) <= targetMaxGrowth;
}

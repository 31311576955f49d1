/** Takes notes of one target: what it holds before the load, once it is warm, and when it has had time to give back what it took. */
import type { HealthRecord } from "../target/health.ts";
import { countKinds, type Inventory, takeInventory, whatStayed } from "../target/inventory.ts";
import type { TargetEnd } from "../target/target.ts";
import { KEPT, kept, type TargetFacts, type TargetState } from "./target-facts.ts";
import type { TargetValues } from "./target-options.ts";
import { takeCheckpoint, type Watched } from "./target-watch.ts";

export interface Notes {
  /** It has ended before it was asked to. */
  die(end: TargetEnd, during: string): void;
  /** What it holds now, warmed up, is what it may keep. */
  rebase(): Promise<void>;
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
  const before = await lookAt(watched, now);
  health?.mark();
  let died: TargetFacts["died"] = null;
  let base: Look | null = null;
  let after: TargetState | null = null;
  let underLoad: HealthRecord | null = null;
  let stayed: readonly string[] = [];

  return {
    die(end, during) {
      died = { exitCode: end.exitCode, signal: end.signal, during };
    },
    async rebase() {
      if (died) return;
      base = await lookAt(watched, now);
    },
    async settle(until) {
      underLoad = health?.record() ?? null;
      health?.mark();
      if (died) return;
      await watched.reader.recountSockets();
      await until(() => isBack((base ?? before).sampled, watched, values), values.targetSettle);
      await health?.answered();
      const look = await lookAt(watched, now);
      after = look.state;
      stayed = whatStayed((base ?? before).inventory, look.inventory);
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
      before: before.state,
      base: base?.state ?? null,
      after,
      stayed,
      lastLines: target.lastLines(),
      // as it is now: it counts on
      output: target.output && {
        readBytes: target.output.readBytes,
        droppedBytes: target.output.droppedBytes,
      },
    }),
  };
}

interface Look {
  readonly state: TargetState;
  readonly inventory: Inventory;
  /** As samples read it, which count memory that forked processes share for each of them: to be compared with samples only. */
  readonly sampled: TargetState;
}

async function lookAt(watched: Watched, now: () => number): Promise<Look> {
  const checkpoint = await takeCheckpoint(watched, 0, now);
  const inventory = takeInventory(watched.target.pids());
  const state = { ...checkpoint, descriptorKinds: countKinds(inventory) };
  return { state, inventory, sampled: { ...state, anonymousBytes: watched.reader.read().anonymousBytes } };
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

/** Visits a target at a steady pace, and looks at what it holds at quiet points between. */
import { setTimeout as delay } from "node:timers/promises";
import { add, type Tally } from "../clients/tally.ts";
import { type Look, mayStop } from "../stats/looks.ts";
import { BLOCKS, WARM_UP_SHARE } from "../stats/thresholds.ts";
import { judgeCheckpoints, type TrendConditions } from "./leak.ts";
import type { Checkpoint } from "./target-watch.ts";

export interface SoakSettings {
  readonly durationMs: number;
  readonly cycleMs: number;
  readonly visit: () => Promise<void>;
  readonly checkpoint: (cycle: number) => Promise<Checkpoint>;
  /** Told once when the server has warmed up, between two visits. */
  readonly rebase: () => Promise<void>;
  readonly conditions: TrendConditions;
  /** Ends as soon as two looks agree that it leaks. */
  readonly stopEarly: boolean;
  readonly signal: AbortSignal;
}

export interface Soaked {
  readonly lastedMs: number;
  readonly visits: number;
  readonly failed: number;
  /** What they took together, without the rests between. */
  readonly visitingMs: number;
  /** What the looks at quiet points took: on a box with 100 000 connections in TIME_WAIT one counts for a second. */
  readonly lookingMs: number;
  readonly failures: readonly string[];
  readonly checkpoints: readonly Checkpoint[];
  readonly endedEarly: boolean;
}

/** A quiet point every so many cycles, and of a long run no more of them than a verdict can use. */
const CYCLES_PER_CHECKPOINT = 20;
const MOST_CHECKPOINTS = 600;
/** A heap of gigabytes is collected for seconds, in which its server answers nobody: then fewer, but one for each block of the verdict. */
const LOOKING_SHARE = 0.25;
/** So many kinds of failure say what is wrong. */
const MOST_FAILURES = 5;
/** How often a run that may end early is looked at. */
const LOOK_MS = 5000;

export async function soak(settings: SoakSettings): Promise<Soaked> {
  const { durationMs, cycleMs, visit, checkpoint, rebase, stopEarly, signal } = settings;
  const every = Math.max(CYCLES_PER_CHECKPOINT, Math.ceil(durationMs / cycleMs / MOST_CHECKPOINTS));
  const failures: Record<string, number> = {};
  const checkpoints: Checkpoint[] = [];
  const startMs = performance.now();
  const elapsed = () => performance.now() - startMs;
  const looks = createLooks(settings.conditions);
  const warmUpMs = settings.conditions.warmUpMs ?? durationMs * WARM_UP_SHARE;
  let warm = false;
  let [cycle, failed, visitingMs, lookingMs, dueMs, endedEarly] = [0, 0, 0, 0, 0, false];
  const isBehind = () => checkpoints.length <= (elapsed() / durationMs) * BLOCKS;
  while (elapsed() < durationMs && !signal.aborted && !endedEarly) {
    if (cycle % every === 0 && (lookingMs <= elapsed() * LOOKING_SHARE || isBehind())) {
      const lookedMs = performance.now();
      checkpoints.push(await checkpoint(cycle));
      lookingMs += performance.now() - lookedMs;
      endedEarly = stopEarly && looks.agree(checkpoints);
    }
    if (!warm && elapsed() >= warmUpMs) {
      const lookedMs = performance.now();
      await rebase();
      lookingMs += performance.now() - lookedMs;
      warm = true;
    }
    const begunMs = performance.now();
    await visit().catch((error: Error) => {
      failed++;
      add(failures, error.message);
    });
    visitingMs += performance.now() - begunMs;
    cycle++;
    // a late visit does not make the next ones hurry
    dueMs = Math.max(dueMs + cycleMs, elapsed());
    await delay(Math.max(0, dueMs - elapsed()), undefined, { signal }).catch(() => {});
  }
  if (!signal.aborted) checkpoints.push(await checkpoint(cycle));
  return {
    lastedMs: elapsed(),
    visits: cycle - failed,
    failed,
    visitingMs,
    lookingMs,
    failures: tellMostFrequent(failures),
    checkpoints,
    endedEarly,
  };
}

function tellMostFrequent(failures: Tally): string[] {
  const sorted = Object.entries(failures).sort(([, a], [, b]) => b - a);
  return sorted.slice(0, MOST_FAILURES).map(([what, times]) => `${times} × ${what}`);
}

/** Whether two looks agree that it leaks. That it does not is worth the whole run. */
export function createLooks(conditions: TrendConditions) {
  let growing: Look[] = [];
  let lookedAtMs = 0;
  return {
    /** `checkpoints`: all that were taken so far; asked after each of them. */
    agree(checkpoints: readonly Checkpoint[]): boolean {
      const atMs = checkpoints.at(-1)?.atMs ?? 0;
      if (atMs - lookedAtMs < LOOK_MS) return false;
      lookedAtMs = atMs;
      const verdict = judgeCheckpoints(checkpoints, conditions);
      // beyond another answer no look is asked
      if (verdict.verdict !== "growing") growing = [];
      else growing.push({ atMs, verdict });
      return mayStop(growing);
    },
  };
}

/** Runs one of Proofload's stressors as a scenario would, and sees with the bench's own clock and the kernel's eyes. */
import {
  createStress,
  type Demand,
  type LoadOf,
  type Outcome,
  type StressorModule,
} from "../lib/stress/load.ts";

const LONGEST_MS = 120_000;
const GRACE_MS = 10_000;

const stress = createStress({
  workerFile: (worker) => new URL(`../workers/${worker}.ts`, import.meta.url),
  graceMs: () => GRACE_MS,
  longestMs: LONGEST_MS,
  onLoad: () => {},
});

type TaskOf<M extends StressorModule> = Parameters<M["default"]>[0]["task"];
type AppliedOf<M extends StressorModule> =
  LoadOf<M> extends { release(): Promise<Outcome<infer R>[]> } ? R : never;

export interface Work<M extends StressorModule, S> {
  readonly worker: string;
  readonly demand: Demand<TaskOf<M>>;
  /** After the threads are there and before they begin. */
  readonly before?: () => unknown;
  /** While all hold what they could get: what the kernel says of it. */
  readonly look: () => S | Promise<S>;
}

/**
 * Answers what every worker applied, what was seen while they held it, and how long it took from the word to begin until
 * all of them had what they could get: by the bench's clock, so that no stressor can be fast by saying so.
 */
export async function runOwn<M extends StressorModule, S>({ worker, demand, before, look }: Work<M, S>) {
  const load = await stress<M>(worker, demand as Demand<never>);
  try {
    await before?.();
    const startedMs = performance.now();
    await load.acquire();
    const tookMs = performance.now() - startedMs;
    const seen = await look();
    const outcomes = await load.release();
    return {
      applied: outcomes.map((outcome) => appliedOf<M>(worker, outcome as Outcome<AppliedOf<M>>)),
      seen,
      tookMs,
    };
  } finally {
    await load.release();
  }
}

function appliedOf<M extends StressorModule>(worker: string, outcome: Outcome<AppliedOf<M>>): AppliedOf<M> {
  if (outcome.ended === "released") return outcome.applied;
  throw new Error(
    `Cannot count ${worker}: it ${outcome.ended === "died" ? `died: ${outcome.error}` : "was forced to let go"}`,
  );
}

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

/** What the bench's clock may see more than the stressor's own: the start of the threads, and the word that all have acquired. */
const SLACK = { share: 0.05, ms: 10 };

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

/** Answers what every worker applied, and what was seen while they held it. */
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

/** The time of the slowest worker, which the bench's own clock must agree with. */
export function slowestMs(applied: readonly { readonly acquiredMs: number }[], tookMs: number): number {
  const slowest = Math.max(...applied.map(({ acquiredMs }) => acquiredMs));
  if (tookMs <= slowest * (1 + SLACK.share) + SLACK.ms) return slowest;
  throw new Error(
    `Cannot believe a stressor that says ${slowest.toFixed(1)} ms: the bench saw ${tookMs.toFixed(1)} ms`,
  );
}

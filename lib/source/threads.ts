/** Runs a worker's function once for each of several tasks, on threads of a pool that is gone when they are done. */
import { ownFile } from "../own-file.ts";

export interface Crew {
  readonly threads: number;
  /** Aborted: what runs is ended with its thread. */
  readonly signal?: AbortSignal;
}

/** What a parser makes is soon of no use: a small nursery is as fast, and every thread has one of its own. */
const YOUNG_GENERATION_MB = 4;

/** `worker`: the name of a file in `workers/` whose default export is this function. In the order of the tasks. Throws what it throws, or AbortError. */
export async function runOnThreads<F extends (task: never) => unknown>(
  worker: string,
  tasks: readonly Parameters<F>[0][],
  { threads, signal }: Crew,
): Promise<Awaited<ReturnType<F>>[]> {
  // a large library, and of no use to a small project
  const { Piscina } = await import("piscina");
  const filename = ownFile(`workers/${worker}`).href;
  const pool = new Piscina({
    ...{ filename, minThreads: threads, maxThreads: threads, atomics: "disabled" },
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  try {
    return await Promise.all(tasks.map((task) => pool.run(task, signal ? { signal } : {})));
  } finally {
    await pool.destroy();
  }
}

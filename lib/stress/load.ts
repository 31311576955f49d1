/** The main thread's side of a load: one Piscina thread per task, watched through the ledger, let go by a flag. */
import { setTimeout as delay } from "node:timers/promises";
import { Piscina } from "piscina";
import type { Unit } from "../units.ts";
import { createLedger, type Ledger, SlotState } from "./ledger.ts";
import type { Ended, Order, Stressor, Task } from "./stressor.ts";

/** What a worker module looks like from outside: `stress<typeof holdMemory>("hold-memory", …)` derives its types from it. */
export interface StressorModule {
  readonly default: Stressor<never, unknown>;
}
type TaskOf<M extends StressorModule> = M["default"] extends Stressor<infer T, unknown> ? T : never;
type AppliedOf<M extends StressorModule> = M["default"] extends (order: never) => Promise<Ended<infer R>>
  ? R
  : never;

/** How one worker ended. `held` is its ledger entry when it was asked to let go: what the load really was. */
export type Outcome<R> =
  | {
      readonly ended: "released";
      readonly by: Ended<R>["endedBy"];
      readonly held: number;
      readonly applied: R;
    }
  | { readonly ended: "forced"; readonly held: number }
  | { readonly ended: "died"; readonly held: number; readonly error: string };

/** What the runner sees of any load. */
export interface AnyLoad {
  readonly name: string;
  readonly unit: Unit;
  readonly asked: number;
  readonly held: number;
  readonly mayDie: boolean;
  /** Raises the release flag; the workers let go in their own time. */
  letGo(): void;
  /** How the workers ended so far: complete once `release` has resolved. */
  readonly outcomes: readonly Outcome<unknown>[];
  release(): Promise<readonly Outcome<unknown>[]>;
}

interface Load<R> extends AnyLoad {
  /** Lets all workers begin at once; resolves when each has acquired what it could, or has ended. */
  acquire(): Promise<void>;
  /** Lets go, waits for the grace period, destroys what is left, and tells how each worker ended, in task order. */
  release(): Promise<Outcome<R>[]>;
}

/** The load that a worker module makes. */
export type LoadOf<M extends StressorModule> = Load<AppliedOf<M>>;

export interface Demand<T> {
  readonly tasks: readonly T[];
  readonly unit: Unit;
  /** V8 heap limit of each worker, MiB; it does not bound buffers. */
  readonly heapLimitMib?: number;
  /** Whether dying is what these workers are for. */
  readonly mayDie?: boolean;
}

/** Resolves when every thread has started, or failed to: nothing is taken before `acquire`. */
export type Stress = <M extends StressorModule>(
  worker: string,
  demand: Demand<TaskOf<M>>,
) => Promise<LoadOf<M>>;

export interface StressSettings {
  /** Where the file of a worker is. */
  readonly workerFile: (worker: string) => URL;
  /** How long a worker may take to let go before its thread is destroyed: asked at each release. */
  readonly graceMs: () => number;
  /** How long any worker may live, whatever happens. */
  readonly longestMs: number;
  /** Told of each load as it starts, so that the caller can watch it and let it go. */
  readonly onLoad: (load: AnyLoad) => void;
  /** Told when the threads of a load are there. */
  readonly onReady?: () => void;
}

/** Makes the function that scenarios start stressors with. */
export function createStress(settings: StressSettings): Stress {
  return async <M extends StressorModule>(worker: string, demand: Demand<TaskOf<M>>) => {
    const load = new PoolLoad<TaskOf<M>, AppliedOf<M>>(worker, demand, settings);
    settings.onLoad(load);
    await load.ready();
    settings.onReady?.();
    return load;
  };
}

class PoolLoad<T extends Task, R> implements Load<R> {
  readonly name: string;
  readonly unit: Unit;
  readonly asked: number;
  readonly mayDie: boolean;
  readonly outcomes: Outcome<R>[] = [];
  readonly #settings: StressSettings;
  readonly #ledger: Ledger;
  readonly #pool: Pool;
  readonly #force = new AbortController();
  /** A slot each: aborted, with the reason, where its thread does not start. */
  readonly #starts: readonly AbortController[];
  readonly #endings: Promise<Outcome<R>>[];
  readonly #overdue: NodeJS.Timeout;
  /** The ledger as it stood when the release flag was raised. */
  readonly #heldAtRelease: number[] = [];
  #releasing: Promise<Outcome<R>[]> | undefined;

  constructor(
    worker: string,
    { tasks, unit, heapLimitMib, mayDie = false }: Demand<T>,
    settings: StressSettings,
  ) {
    this.name = worker;
    this.unit = unit;
    this.asked = tasks.reduce((sum, task) => sum + task.amount, 0);
    this.mayDie = mayDie;
    this.#settings = settings;
    this.#ledger = createLedger(tasks.length);
    this.#starts = tasks.map(() => new AbortController());
    const onError = (error: unknown) => this.#endUnstarted(error);
    this.#pool = openPool(settings.workerFile(worker), { threads: tasks.length, heapLimitMib, onError });
    this.#endings = tasks.map((task, slot) => this.#follow(task, slot));
    // the worker's own deadline comes first; this one is for a worker that ignores it
    const overdueMs = settings.longestMs + settings.graceMs();
    this.#overdue = setTimeout(() => this.#force.abort(), overdueMs).unref();
  }

  get held(): number {
    return this.#ledger.totalHeld();
  }

  ready(): Promise<void> {
    return this.#ledger.reached(SlotState.ready);
  }

  acquire(): Promise<void> {
    this.#ledger.start();
    return this.#ledger.reached(SlotState.holding);
  }

  letGo(): void {
    if (this.#ledger.released) return;
    for (let slot = 0; slot < this.#ledger.slots; slot++) this.#heldAtRelease[slot] = this.#ledger.held(slot);
    this.#ledger.release();
  }

  release(): Promise<Outcome<R>[]> {
    this.#releasing ??= this.#release();
    return this.#releasing;
  }

  async #release(): Promise<Outcome<R>[]> {
    this.letGo();
    const all = Promise.all(this.#endings);
    await withinGrace(all, this.#settings.graceMs(), () => this.#force.abort());
    clearTimeout(this.#overdue);
    const ended = await all;
    await this.#pool.destroy();
    return ended;
  }

  async #follow(task: T, slot: number): Promise<Outcome<R>> {
    const deadlineMs = Date.now() + this.#settings.longestMs;
    const outcome = await this.#run({ task, ledger: this.#ledger.buffer, slot, deadlineMs });
    // what a destroyed or dead thread held is gone, or nobody's to report any more
    if (outcome.ended !== "released") this.#ledger.setHeld(slot, 0);
    this.#ledger.setState(slot, SlotState.ended);
    this.outcomes[slot] = outcome;
    return outcome;
  }

  /** The pool tells an error of a thread that has no task: one of those that wait would wait for ever. */
  #endUnstarted(error: unknown): void {
    this.#starts.forEach((start, slot) => {
      if (this.#ledger.state(slot) === SlotState.none) start.abort(error);
    });
  }

  async #run(order: Order<T>): Promise<Outcome<R>> {
    const held = () => this.#heldAtRelease[order.slot] ?? this.#ledger.held(order.slot);
    const forced = this.#force.signal;
    const unstarted = this.#starts[order.slot]?.signal ?? forced;
    const signal = AbortSignal.any([forced, unstarted]);
    try {
      const { applied, endedBy }: Ended<R> = await this.#pool.run(order, { signal });
      return { ended: "released", by: endedBy, held: held(), applied };
    } catch (thrown) {
      if (forced.aborted) return { ended: "forced", held: held() };
      const error: unknown = unstarted.aborted ? unstarted.reason : thrown;
      return { ended: "died", held: held(), error: error instanceof Error ? error.message : String(error) };
    }
  }
}

type Pool = Pick<Piscina, "run" | "destroy">;

interface PoolSettings {
  readonly threads: number;
  readonly heapLimitMib: number | undefined;
  readonly onError: (error: unknown) => void;
}

function openPool(file: URL, { threads, heapLimitMib, onError }: PoolSettings): Pool {
  try {
    const pool = new Piscina({
      filename: file.href,
      minThreads: threads,
      maxThreads: threads,
      // a thread that waits for its next task in Atomics.wait cannot be ended on Deno
      atomics: "disabled",
      ...(heapLimitMib !== undefined && {
        // a small young generation, so that the limit on the old one is nearly that of the heap
        resourceLimits: { maxOldGenerationSizeMb: heapLimitMib, maxYoungGenerationSizeMb: 1 },
      }),
    });
    // without a listener it would end the process
    return pool.on("error", onError);
  } catch (error) {
    // EAGAIN at a limit on threads: those that did start are out of reach, idle, and end with the process
    return { run: () => Promise.reject(error), destroy: async () => {} };
  }
}

async function withinGrace(all: Promise<unknown>, graceMs: number, force: () => void): Promise<void> {
  const stop = new AbortController();
  const grace = delay(graceMs, true, { signal: stop.signal }).catch(() => false);
  const late = await Promise.race([all.then(() => false), grace]);
  stop.abort();
  if (late) force();
}

/** What all loads of one name hold and were asked for, summed: a row of the ledger at one tick. */
export function readLedger(
  loads: readonly AnyLoad[],
): Record<string, { asked: number; held: number; unit: Unit }> {
  const rows: Record<string, { asked: number; held: number; unit: Unit }> = {};
  for (const { name, unit, asked, held } of loads) {
    const row = rows[name] ?? { asked: 0, held: 0, unit };
    rows[name] = { unit, asked: row.asked + asked, held: row.held + held };
  }
  return rows;
}

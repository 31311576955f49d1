/** The main thread's side of a load: one Piscina thread per task, watched through the ledger, let go by a flag. */
import { setTimeout as delay } from "node:timers/promises";
import { Piscina } from "piscina";
import type { Unit } from "../units.ts";
import { createLedger, SlotState } from "./ledger.ts";
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
      readonly by: "release" | "deadline";
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

export interface Load<R> extends AnyLoad {
  /** Resolves when every worker has acquired what it could, or has ended. */
  acquired(): Promise<void>;
  /** Lets go, waits for the grace period, destroys what is left, and tells how each worker ended, in task order. */
  release(): Promise<Outcome<R>[]>;
}

export interface Demand<T> {
  readonly tasks: readonly T[];
  readonly unit: Unit;
  /** V8 heap limit of each worker, MiB; it does not bound buffers. */
  readonly heapLimitMib?: number;
  /** Whether dying is what these workers are for. */
  readonly mayDie?: boolean;
}

export type Stress = <M extends StressorModule>(
  worker: string,
  demand: Demand<TaskOf<M>>,
) => Load<AppliedOf<M>>;

export interface StressSettings {
  /** The folder of the worker files, with a final slash. */
  readonly workers: URL;
  /** How long a worker may take to let go before its thread is destroyed: asked at each release. */
  readonly graceMs: () => number;
  /** How long any worker may live, whatever happens. */
  readonly longestMs: number;
  /** Told of each load as it starts, so that the caller can watch it and let it go. */
  readonly onLoad: (load: AnyLoad) => void;
}

/** Makes the function that scenarios start stressors with. */
export function createStress(settings: StressSettings): Stress {
  return <M extends StressorModule>(worker: string, demand: Demand<TaskOf<M>>) => {
    const load = startLoad<TaskOf<M>, AppliedOf<M>>(worker, demand, settings);
    settings.onLoad(load);
    return load;
  };
}

function startLoad<T extends Task, R>(worker: string, demand: Demand<T>, settings: StressSettings): Load<R> {
  const { tasks, unit } = demand;
  const ledger = createLedger(tasks.length);
  const force = new AbortController();
  const pool = openPool(new URL(`${worker}.ts`, settings.workers), demand);
  const heldAtRelease = new Array<number | undefined>(tasks.length);
  const outcomes: Outcome<R>[] = [];
  const held = (slot: number) => heldAtRelease[slot] ?? ledger.held(slot);
  const deadlineMs = Date.now() + settings.longestMs;
  const endings = tasks.map(async (task, slot) => {
    const order: Order<T> = { task, ledger: ledger.buffer, slot, deadlineMs };
    const outcome = await runTask<R>(pool, order, force.signal, () => held(slot));
    // what a destroyed or dead thread held is gone, or nobody's to report any more
    ledger.setHeld(slot, outcome.ended === "released" ? ledger.held(slot) : 0);
    ledger.setState(slot, SlotState.ended);
    outcomes[slot] = outcome;
    return outcome;
  });
  // the worker's own deadline comes first; this one is for a worker that ignores it
  const overdue = setTimeout(() => force.abort(), settings.longestMs + settings.graceMs()).unref();

  function letGo() {
    if (ledger.released) return;
    for (let slot = 0; slot < ledger.slots; slot++) heldAtRelease[slot] = ledger.held(slot);
    ledger.release();
  }

  async function release(): Promise<Outcome<R>[]> {
    letGo();
    const all = Promise.all(endings);
    await withinGrace(all, settings.graceMs(), () => force.abort());
    clearTimeout(overdue);
    const ended = await all;
    await pool.destroy();
    return ended;
  }

  let releasing: Promise<Outcome<R>[]> | undefined;
  return {
    name: worker,
    unit,
    asked: tasks.reduce((sum, task) => sum + task.amount, 0),
    get held() {
      return ledger.totalHeld();
    },
    mayDie: demand.mayDie ?? false,
    outcomes,
    letGo,
    acquired: () => ledger.reached(SlotState.holding),
    release: () => {
      releasing ??= release();
      return releasing;
    },
  };
}

function openPool<T>(file: URL, { tasks, heapLimitMib }: Demand<T>): Piscina {
  return new Piscina({
    filename: file.href,
    minThreads: tasks.length,
    maxThreads: tasks.length,
    ...(heapLimitMib === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapLimitMib } }),
  });
}

async function runTask<R>(
  pool: Piscina,
  order: Order<Task>,
  signal: AbortSignal,
  held: () => number,
): Promise<Outcome<R>> {
  try {
    const { applied, endedBy }: Ended<R> = await pool.run(order, { signal });
    return { ended: "released", by: endedBy, held: held(), applied };
  } catch (error) {
    if (signal.aborted) return { ended: "forced", held: held() };
    return { ended: "died", held: held(), error: error instanceof Error ? error.message : String(error) };
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

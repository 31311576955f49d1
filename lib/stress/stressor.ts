/** The worker's side of a load: turns a function that acquires, holds and releases into a Piscina task. */
import { Ledger, SlotState } from "./ledger.ts";

/** What every stressor is asked for, in the unit of its ledger: bytes, descriptors, a share of a core. */
export interface Task {
  readonly amount: number;
}

/** What crosses to the worker thread with each task. */
export interface Order<T extends Task> {
  readonly task: T;
  readonly ledger: SharedArrayBuffer;
  readonly slot: number;
  /** When this worker lets go by itself, whatever the main thread does (epoch, ms). */
  readonly deadlineMs: number;
}

export interface Ended<R> {
  readonly applied: R;
  /** What made it let go; by itself it should not. */
  readonly endedBy: "release" | "deadline" | "itself";
}

/** A stressor's own slot of the ledger, and the flag that tells it to stop. */
export interface Hold {
  /** Says what is held right now; call it after every step. */
  report(held: number): void;
  /** Whether to let go: the flag was raised, or the deadline has passed. Cheap enough for an inner loop. */
  readonly over: boolean;
  /** Says that acquiring is done, and blocks until it is time to let go. */
  untilReleased(): void;
  /** Says that acquiring is done, for a stressor that goes on working while it holds. */
  acquired(): void;
  /** Blocks for so long, or until it is time to let go. */
  pause(ms: number): void;
}

/** A worker file's default export. Its parameters are the only declaration of its task: the pool derives its types from it. */
export type Stressor<T extends Task, R> = (order: Order<T>) => Promise<Ended<R>>;

/**
 * Makes a stressor: `work` acquires in steps, calls `hold.untilReleased()`, releases, and returns what was applied.
 * Reaching a limit is a result (`refusedBy: "EMFILE"`), not an error.
 */
export function stressor<T extends Task, R>(work: (task: T, hold: Hold) => R | Promise<R>): Stressor<T, R> {
  return async ({ task, ledger: buffer, slot, deadlineMs }) => {
    const ledger = new Ledger(buffer);
    ledger.setState(slot, SlotState.ready);
    ledger.waitForStart(deadlineMs - Date.now());
    ledger.setState(slot, SlotState.acquiring);
    const applied = await work(task, createHold(ledger, slot, deadlineMs));
    const endedBy = ledger.released ? "release" : Date.now() >= deadlineMs ? "deadline" : "itself";
    ledger.setState(slot, SlotState.ended);
    return { applied, endedBy };
  };
}

function createHold(ledger: Ledger, slot: number, deadlineMs: number): Hold {
  return {
    report: (held) => ledger.setHeld(slot, held),
    get over() {
      return ledger.released || Date.now() >= deadlineMs;
    },
    untilReleased() {
      ledger.setState(slot, SlotState.holding);
      ledger.waitForRelease(deadlineMs - Date.now());
      ledger.setState(slot, SlotState.releasing);
    },
    acquired: () => ledger.setState(slot, SlotState.holding),
    pause: (ms) => ledger.waitForRelease(Math.min(ms, deadlineMs - Date.now())),
  };
}

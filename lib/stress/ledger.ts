/**
 * The shared page between the main thread and the stressors of one load: the release flag, and a slot per worker with
 * what it holds right now. Reading it costs no message, so the sampler sees achieved load at every tick.
 *
 * Layout: a 64-byte header (int32 release flag, int32 change counter, int32 start flag), then 64 bytes a slot (int32 state, float64 held
 * at byte 8): one cache line each, so that workers do not slow one another down.
 */

const LINE_BYTES = 64;
const RELEASE = 0;
const CHANGES = 1;
const START = 2;

/** What a worker is doing; the order is the only order in which it may change. */
export const SlotState = { none: 0, ready: 1, acquiring: 2, holding: 3, releasing: 4, ended: 5 } as const;
export type SlotState = (typeof SlotState)[keyof typeof SlotState];

/** Makes the page for so many workers, none of them started, holding nothing. */
export function createLedger(slots: number): Ledger {
  return new Ledger(new SharedArrayBuffer(LINE_BYTES * (1 + slots)));
}

export class Ledger {
  readonly buffer: SharedArrayBuffer;
  readonly slots: number;
  readonly #ints: Int32Array<SharedArrayBuffer>;
  readonly #floats: Float64Array<SharedArrayBuffer>;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.slots = buffer.byteLength / LINE_BYTES - 1;
    this.#ints = new Int32Array(buffer);
    this.#floats = new Float64Array(buffer);
  }

  get released(): boolean {
    return Atomics.load(this.#ints, RELEASE) === 1;
  }

  /** Raises the release flag and wakes every worker that waits on it, or still for the start. */
  release(): void {
    this.#raise(RELEASE);
    this.start();
  }

  /** Lets every worker that is ready begin, all at once. */
  start(): void {
    this.#raise(START);
  }

  /** Blocks this thread until the start or the end of the load, or until the time is over. */
  waitForStart(timeoutMs: number): void {
    Atomics.wait(this.#ints, START, 0, Math.max(0, timeoutMs));
  }

  /** Blocks this thread until the release flag is raised or the time is over. */
  waitForRelease(timeoutMs: number): void {
    Atomics.wait(this.#ints, RELEASE, 0, Math.max(0, timeoutMs));
  }

  state(slot: number): SlotState {
    return Atomics.load(this.#ints, this.#line(slot) * 16) as SlotState;
  }

  setState(slot: number, state: SlotState): void {
    Atomics.store(this.#ints, this.#line(slot) * 16, state);
    Atomics.add(this.#ints, CHANGES, 1);
    Atomics.notify(this.#ints, CHANGES);
  }

  held(slot: number): number {
    return this.#floats[this.#line(slot) * 8 + 1] ?? 0;
  }

  /** An aligned 8-byte store: never torn on 64-bit machines, the only ones that Node and Deno support here. */
  setHeld(slot: number, held: number): void {
    this.#floats[this.#line(slot) * 8 + 1] = held;
  }

  totalHeld(): number {
    let total = 0;
    for (let slot = 0; slot < this.slots; slot++) total += this.held(slot);
    return total;
  }

  /** Resolves once every slot is at least in this state, without blocking the thread that asks. */
  async reached(state: SlotState): Promise<void> {
    for (;;) {
      const seen = Atomics.load(this.#ints, CHANGES);
      if (this.#all(state)) return;
      await Atomics.waitAsync(this.#ints, CHANGES, seen).value;
    }
  }

  #raise(flag: number): void {
    Atomics.store(this.#ints, flag, 1);
    Atomics.notify(this.#ints, flag);
  }

  #all(state: SlotState): boolean {
    for (let slot = 0; slot < this.slots; slot++) if (this.state(slot) < state) return false;
    return true;
  }

  #line(slot: number): number {
    return slot + 1;
  }
}

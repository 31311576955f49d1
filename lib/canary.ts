/**
 * A resource canary for any test suite: what a test leaves behind (handles, timers, descriptors, sockets, threads) makes it
 * fail, by name and, where it can be known, with the line that made it. It looks at the whole process: tests that run at the
 * same time in one process look like each other's leaks.
 */
import { stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { type Births, followBirths } from "./canary/births.ts";
import { findLeaks, type Leak } from "./canary/leaks.ts";
import { type Snapshot, takeSnapshot, tellUnknown } from "./canary/snapshot.ts";

export type { Leak } from "./canary/leaks.ts";

export interface CanaryOptions {
  /** So many things may be left: 2. */
  readonly allowed?: number;
  /** How long what is being closed may take after the test, in milliseconds: 50. It is waited for only when there is more than `allowed`. */
  readonly graceMs?: number;
  /** What stays by design: whatever has this in its name or site is no leak. `why` is for whoever reads it. */
  readonly allow?: readonly { readonly what: RegExp; readonly why: string }[];
}

export interface Canary {
  /** Takes the baseline, and follows what is made from here on. */
  arm(): Promise<void>;
  /** Rejects with a LeakError when more is left than allowed; else resolves with what cannot be known on this runtime. */
  check(): Promise<readonly string[]>;
  /** Stops, and says nothing: for a test that has failed already. */
  disarm(): void;
}

export class LeakError extends Error {
  override readonly name = "LeakError";
  readonly leaks: readonly Leak[];

  constructor(leaks: readonly Leak[], allowed: number) {
    const count = leaks.length === 1 ? "1 thing was" : `${leaks.length} things were`;
    const lines = leaks.slice(0, MOST_LINES).map(({ name, madeAt }) => {
      return `  ${name}${madeAt === null ? "" : `, made at ${madeAt}`}`;
    });
    const more = leaks.length > MOST_LINES ? [`  and ${leaks.length - MOST_LINES} more`] : [];
    super([`${count} left by the test (allowed: ${allowed}):`, ...lines, ...more].join("\n"));
    this.leaks = leaks;
  }
}

/** Nobody reads more; `leaks` has them all. */
const MOST_LINES = 20;
const LOOK_EVERY_MS = 5;

export function createCanary({ allowed = 2, graceMs = 50, allow = [] }: CanaryOptions = {}): Canary {
  for (const [name, value] of Object.entries({ allowed, graceMs }))
    if (!(value >= 0))
      throw new RangeError(`Cannot watch for leaks: expected ${name} from 0 up, got ${value}`);
  let armed: { before: Snapshot; births: Births } | null = null;
  const disarm = () => {
    armed?.births.stop();
    armed = null;
  };
  return {
    disarm,
    async arm() {
      disarm();
      // starts libuv's pool of threads, which then is there for good
      await stat(process.execPath);
      armed = { before: takeSnapshot(), births: followBirths() };
    },
    async check() {
      if (!armed)
        throw new Error("Cannot check for leaks: the canary is not armed; call arm() before the test");
      const { before, births } = armed;
      disarm();
      const endMs = performance.now() + graceMs;
      for (;;) {
        const leftMs = endMs - performance.now();
        const after = takeSnapshot();
        const leaks = findLeaks(before, after, births.list()).filter(
          ({ name, madeAt }) => !allow.some(({ what }) => what.test(`${name} ${madeAt ?? ""}`)),
        );
        if (leaks.length <= allowed) return tellUnknown(after);
        if (leftMs <= 0) throw new LeakError(leaks, allowed);
        await delay(Math.min(LOOK_EVERY_MS, leftMs));
      }
    },
  };
}

/**
 * The same around one test's body: `test("…", withCanary(async (t) => { … }))`. Where the test's context has `after`, as
 * node:test's, it is checked after everything that the body left to `after`. A body that fails has its own news to tell.
 */
export function withCanary<Context extends unknown[]>(
  body: (...context: Context) => unknown,
  options?: CanaryOptions,
): (...context: Context) => Promise<void> {
  return async (...context) => {
    const canary = createCanary(options);
    await canary.arm();
    try {
      await body(...context);
    } catch (error) {
      canary.disarm();
      throw error;
    }
    const check = async () => void (await canary.check());
    const after = findAfter(context[0]);
    if (after) after(check);
    else await check();
  };
}

function findAfter(context: unknown): ((work: () => Promise<void>) => void) | null {
  if (typeof context !== "object" || context === null) return null;
  const after: unknown = Reflect.get(context, "after");
  return typeof after === "function" ? (work) => Reflect.apply(after, context, [work]) : null;
}

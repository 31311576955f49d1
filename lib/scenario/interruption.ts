/** Ctrl-C and SIGTERM: the first ends a run with a report, the second leaves at once. */
import { EXIT } from "../report/verdict.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
export type InterruptionSignal = (typeof SIGNALS)[number];

/** A terminal sends Ctrl-C to every process of the group, and stress-all passes it on: twice at once is once. */
const SAME_MS = 500;

/** The reason with which a run's signal is aborted. */
export class Interruption extends Error {
  readonly by: InterruptionSignal;
  constructor(by: InterruptionSignal) {
    super(`interrupted by ${by}`);
    this.by = by;
  }
}

/** Says to a scenario that stress-all started which process that is: when it is gone, nobody waits for the load any more. */
export const SUPERVISOR_VARIABLE = "PROOFLOAD_SUPERVISOR";
const LOOK_AFTER_MS = 500;

/** Aborted by the first signal. The second ends this process; the next command cleans up after it. */
export function interruptible(): AbortSignal {
  const controller = new AbortController();
  let firstMs = Infinity;
  for (const by of SIGNALS) {
    process.on(by, () => {
      if (performance.now() - firstMs > SAME_MS) process.exit(EXIT[by]);
      firstMs = Math.min(firstMs, performance.now());
      controller.abort(new Interruption(by));
    });
  }
  const supervisor = process.env[SUPERVISOR_VARIABLE];
  if (supervisor) {
    setInterval(() => {
      if (process.ppid !== Number(supervisor)) controller.abort(new Interruption("SIGTERM"));
    }, LOOK_AFTER_MS).unref();
  }
  return controller.signal;
}

/** The signal that interrupted, or null. */
export function interruptedBy({ aborted, reason }: AbortSignal): InterruptionSignal | null {
  return aborted && reason instanceof Interruption ? reason.by : null;
}

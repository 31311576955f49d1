/** The start of every run: finish what was killed before, take the scenario's lock, make the run's folder. */
import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { identifyProcess } from "../host/process-identity.ts";
import { type Lock, type LockRecord, takeLock } from "./lock.ts";
import { recoverKilledRuns } from "./recover.ts";
import { makeRunFolder } from "./run-folder.ts";

export interface ClaimedRun {
  readonly lock: Lock;
  /** The name of the run's folder, and its path. */
  readonly run: string;
  readonly path: string;
  readonly startedAt: Date;
}

/** `tell` hears a line about each earlier run that had to be finished. Answers who holds the lock, where somebody does. */
export async function claimRun(
  out: string,
  name: string,
  tell: (line: string) => void,
): Promise<ClaimedRun | { readonly heldBy: LockRecord }> {
  const folder = join(out, name);
  mkdirSync(folder, { recursive: true });
  for (const line of await recoverKilledRuns(out)) tell(line);
  const startedAt = new Date();
  const run = makeRunFolder(folder, startedAt);
  const path = join(folder, run);
  const lock = takeLock(folder, {
    holder: identifyProcess(),
    since: startedAt.toISOString(),
    run,
    temporary: [],
  });
  if (!("heldBy" in lock)) return { lock, run, path, startedAt };
  rmdirSync(path);
  return lock;
}

/** For the one who comes second. */
export function describeHolder(name: string, { holder, since, run }: LockRecord): string {
  return `Cannot run ${name}: process ${holder.pid} on ${holder.hostname} has been running it since ${since} (${run})`;
}

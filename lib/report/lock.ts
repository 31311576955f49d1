/**
 * One run of a scenario at a time on one reports folder. The lock is also the journal of a run: it names the process, the
 * run's folder and what was made elsewhere, so that the next command can finish and clean up after one that was killed.
 */
import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isRunning, type ProcessIdentity } from "../host/process-identity.ts";
import { TEMPORARY_KINDS, type Temporary } from "./temporary.ts";

const LOCK_NAME = ".lock.json";

/**
 * How long after its last sign of life a run that cannot be seen from here (another container) counts as dead: longer than
 * any row of stress-all takes.
 */
const FOREIGN_SILENCE_MS = 15 * 60_000;

const lockSchema = z.object({
  holder: z.object({
    pid: z.int(),
    startTicks: z.number().nullable(),
    bootId: z.string().nullable(),
    pidNamespace: z.string().nullable(),
    hostname: z.string(),
  }),
  since: z.iso.datetime(),
  /** The run's folder, beside the lock. */
  run: z.string(),
  temporary: z.array(z.object({ kind: z.enum(TEMPORARY_KINDS), path: z.string() })),
});

export interface LockRecord {
  readonly holder: ProcessIdentity;
  readonly since: string;
  readonly run: string;
  readonly temporary: readonly Temporary[];
}

export interface Lock {
  /** Writes down something that has to be removed. Call it before making it. */
  journal(temporary: Temporary): void;
  readonly temporary: readonly Temporary[];
  free(): void;
}

/** Takes the scenario's lock, or answers who holds it. */
export function takeLock(scenarioFolder: string, record: LockRecord): Lock | { readonly heldBy: LockRecord } {
  const path = join(scenarioFolder, LOCK_NAME);
  // two containers on one volume can have the same pid
  const draft = `${path}.${record.holder.pid}-${randomBytes(4).toString("hex")}`;
  writeFileSync(draft, JSON.stringify(record), { flush: true });
  try {
    // link(2) is atomic and carries the content: no reader ever sees an empty lock
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const heldBy = readLock(scenarioFolder);
    // freed in the meantime: try again
    return heldBy ? { heldBy } : takeLock(scenarioFolder, record);
  } finally {
    rmSync(draft, { force: true });
  }
  const temporary = [...record.temporary];
  return {
    temporary,
    journal(added) {
      temporary.push(added);
      writeFileSync(draft, JSON.stringify({ ...record, temporary }), { flush: true });
      renameSync(draft, path);
    },
    free: () => removeLock(scenarioFolder, record),
  };
}

/** The lock in this folder, or null. Throws on a file that is no lock: it is not ours to remove. */
export function readLock(scenarioFolder: string): LockRecord | null {
  let text: string;
  try {
    text = readFileSync(join(scenarioFolder, LOCK_NAME), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
  try {
    return lockSchema.parse(JSON.parse(text));
  } catch {
    const path = join(scenarioFolder, LOCK_NAME);
    throw new Error(
      `Cannot read ${path}: expected a lock, got "${text.slice(0, 80)}". Remove it if nothing runs there`,
    );
  }
}

/** Whether the run that took this lock has ended without freeing it. */
export function isStale(scenarioFolder: string, record: LockRecord): boolean {
  const running = isRunning(record.holder);
  if (running !== null) return !running;
  return Date.now() - lastSignOfLife(scenarioFolder, record) > FOREIGN_SILENCE_MS;
}

/**
 * Removes the lock if it is still this one. Two commands may clean up at once and a third may have taken the lock anew:
 * so it is moved aside first, looked at, and put back if it was somebody else's.
 */
export function removeLock(scenarioFolder: string, record: LockRecord): void {
  const path = join(scenarioFolder, LOCK_NAME);
  const aside = `${path}.removed-${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const moved = lockSchema.parse(JSON.parse(readFileSync(aside, "utf8")));
  const same = moved.run === record.run && moved.holder.pid === record.holder.pid;
  if (!same) linkSync(aside, path);
  rmSync(aside);
}

/** Its last sample, or for stress-all its last row; before there is one, when it began. */
function lastSignOfLife(scenarioFolder: string, { run, since }: LockRecord): number {
  const written = ["samples.ndjson", "report.json"].map((file) => {
    return statSync(join(scenarioFolder, run, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  });
  return Math.max(Date.parse(since), ...written);
}

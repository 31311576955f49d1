/**
 * Processes that carry a mark in their environment: every child of a target has inherited it, also one that has left its
 * parent, its group and its session. One that overwrites its environment to show a title (redis, nginx) has lost it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** The variable whose value is the mark. Not the name of an option in the environment, which --target has for itself. */
export const MARK_VARIABLE = "PROOFLOAD_TARGET_MARK";

/** Looks that find nobody, one after another, before nobody is believed to be left: a fork may hide from one of them. */
const QUIET_LOOKS = 3;
const BETWEEN_LOOKS_MS = 20;
/** Far longer than a killed process takes to go, but for one that waits for a dead disk. */
const MOST_LOOKS = 250;

/** The mark of one start among several of a run: `endMarked` of the run's mark ends it, too. */
export function markOfStart(mark: string, start: string): string {
  return `${mark}.${start}`;
}

/** Whether an environment, as /proc tells it, holds the mark as the whole value of PROOFLOAD_TARGET_MARK, or that of one of its starts. */
function carriesMark(environment: string, mark: string): boolean {
  const entry = `${MARK_VARIABLE}=${mark}`;
  return environment.split("\0").some((one) => one === entry || one.startsWith(markOfStart(entry, "")));
}

/** Kills all who carry the mark, until nobody does. Throws as killUntilNone does. */
export async function endMarked(marker: string): Promise<void> {
  await killUntilNone(() => markedProcesses(marker));
}

/** Kills whoever `find` finds, again and again, until it finds nobody. Throws naming those that would not go within 5 s. */
export async function killUntilNone(find: () => readonly number[]): Promise<void> {
  let found: readonly number[] = [];
  for (let look = 0, quiet = 0; look < MOST_LOOKS; look++) {
    found = find();
    quiet = found.length === 0 ? quiet + 1 : 0;
    if (quiet === QUIET_LOOKS) return;
    for (const pid of found) killIfThere(pid, "SIGKILL");
    await delay(BETWEEN_LOOKS_MS);
  }
  throw new Error(
    `Cannot end processes ${found.join(", ")}: expected them to be gone, got no end after SIGKILL`,
  );
}

/** Who carries the mark, whoever its parent is now; never this process. [] where there is no /proc. */
export function markedProcesses(marker: string): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && carriesMark(readEnvironment(name), marker))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

/** As it was when the process was started; of one that is gone, has ended or is not ours to read: nothing. */
function readEnvironment(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}

/** Signals it, unless it has ended or is not ours to signal. */
export function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}

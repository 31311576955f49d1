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

/** Kills all who have the mark as the whole value of PROOFLOAD_TARGET_MARK, until nobody has. Throws as killUntilNone does. */
export async function endMarked(marker: string): Promise<void> {
  if (process.platform === "linux") await killUntilNone(() => findMarked(marker));
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

function findMarked(marker: string): number[] {
  const entry = `${MARK_VARIABLE}=${marker}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && readEnvironment(name).includes(entry))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

/** As it was when the process was started; of one that is gone, has ended or is not ours to read: nothing. */
function readEnvironment(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
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

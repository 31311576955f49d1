/** Things that a run makes outside its report folder, and how they are removed: also by a later command, after a kill. */
import { readFileSync, rmdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readOwned } from "../engine/owned.ts";
import { endMarked } from "../host/marked-processes.ts";
import { TEMPORARY_PREFIX } from "../host/temporary-name.ts";

export const TEMPORARY_KINDS = ["folder", "cgroup", "processes", "containers", "running"] as const;

export interface Temporary {
  readonly kind: (typeof TEMPORARY_KINDS)[number];
  /**
   * Of processes: the mark that they carry in their environment. Of containers: their mark and where their engine listens.
   * Of what has to run again: where its engine listens, and its containers.
   */
  readonly path: string;
}

/** What is no path says what it is. */
function tell({ kind, path }: Temporary): string {
  if (kind === "processes") return `remove processes of target ${path}`;
  if (kind === "containers") return `remove containers of ${path}`;
  return kind === "running" ? `start the containers of ${path.split(" ")[0]} again` : `remove ${path}`;
}

/** Removes them all, however full they are. Answers a line for each that could not be removed. */
export async function removeTemporaries(all: readonly Temporary[]): Promise<string[]> {
  const left: string[] = [];
  for (const temporary of all) {
    await removeTemporary(temporary).catch((error: Error) => {
      left.push(`Could not ${tell(temporary)}: ${error.message}`);
    });
  }
  return left;
}

async function removeTemporary({ kind, path }: Temporary): Promise<void> {
  if (kind === "processes") return endMarked(path);
  if (kind === "containers") return removeContainers(path);
  if (kind === "running") return startContainers(path);
  if (!basename(path).startsWith(TEMPORARY_PREFIX)) {
    throw new Error(`Cannot remove ${path}: expected a name that starts with ${TEMPORARY_PREFIX}`);
  }
  if (kind === "folder") rmSync(path, { recursive: true, force: true });
  else await removeCgroup(path);
}

/** The engine's library is loaded where there is something to remove. */
async function removeContainers(path: string): Promise<void> {
  const owned = readOwned(path);
  const { removeOwned } = await import("../engine/demo.ts");
  await removeOwned(owned);
}

async function startContainers(path: string): Promise<void> {
  const { startAgain } = await import("../engine/keep-running.ts");
  await startAgain(path);
}

/** A group can be removed once its last process has been reaped, which takes a moment after the kill. */
async function removeCgroup(path: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      killMembers(path);
      rmdirSync(path);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      if (attempt === 100) throw error;
      await delay(20);
    }
  }
}

function killMembers(path: string): void {
  for (const pid of readFileSync(join(path, "cgroup.procs"), "utf8").split("\n").filter(Boolean)) {
    // 0 is a process that cannot be seen from this pid namespace, and to kill(2) our own group
    if (pid === "0") continue;
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch (error) {
      // it ended between the two lines
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** Which processes belong to a target: its descendants, and what they are called. */
import { plainText } from "./plain-text.ts";
import { hasEnded, listPids, listProcessFolder, readProcessFile, readProcessStat } from "./process-files.ts";

/**
 * The process and what it has started, and what those have: root first, parents before children; those that have ended and
 * were not waited for (zombies) too. [] when the root has ended, or when it is another process than the one that started
 * at `startTicks`. Where there is no /proc: the root alone, while it runs. A list taken while processes come and go may
 * miss one: who must have all asks until nothing new comes. Throws EMFILE when no descriptor is left, not even a spare one.
 */
export function descendants(pid: number, startTicks?: number): number[] {
  if (process.platform !== "linux") return canSignal(pid) ? [pid] : [];
  const root = readProcessStat(pid);
  if (!root || hasEnded(root)) return [];
  if (startTicks !== undefined && root.startTicks !== startTicks) return [];
  // not there without CONFIG_PROC_CHILDREN: proc_tid_children(5)
  const listed = readProcessFile(pid, `task/${pid}/children`) !== null;
  const childrenOf = listed ? listChildren : scanForChildren();
  const found = new Set([pid]);
  for (const parent of found) for (const child of childrenOf(parent)) found.add(child);
  return [...found];
}

/** "pid 123 redis-server *:6379": its command line; in brackets its name where it has none, as ps(1) does. */
export function describeProcess(pid: number): string {
  return `pid ${pid} ${describeCommand(pid)}`;
}

/** The command line alone. */
export function describeCommand(pid: number): string {
  const words = plainText((readProcessFile(pid, "cmdline") ?? "").replaceAll("\0", " "));
  if (words) return words;
  const name = readProcessFile(pid, "comm");
  return name === null ? "(has ended)" : `[${plainText(name)}]`;
}

/** Of all its threads: a child belongs to the thread that started it. */
function listChildren(pid: number): number[] {
  const threads = listProcessFolder(pid, "task") ?? [];
  return threads.flatMap((thread) =>
    (readProcessFile(pid, `task/${thread}/children`) ?? "").split(" ").filter(Boolean).map(Number),
  );
}

function scanForChildren(): (pid: number) => readonly number[] {
  const children = new Map<number, number[]>();
  for (const pid of listPids()) {
    const parent = readProcessStat(pid)?.parentPid;
    if (parent === undefined) continue;
    const siblings = children.get(parent);
    if (siblings) siblings.push(pid);
    else children.set(parent, [pid]);
  }
  return (pid) => children.get(pid) ?? [];
}

function canSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

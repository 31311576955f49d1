/**
 * Who belongs to a target that we started: its main process, whoever descends from it, is in its session or carries its
 * mark. Whoever was seen to belong still does when parent, session or mark are lost; one that loses all three between
 * two looks is not found.
 */
import { MARK_VARIABLE } from "../host/marked-processes.ts";
import { hasEnded, listPids, type ProcessStat, readProcessFile, readProcessStat } from "./process-files.ts";
import { descendants } from "./process-tree.ts";

export interface OwnProcesses {
  /** pids of all that live now, the main process first; those that have ended and were not waited for are none. */
  list(): number[];
  /** Whether anybody was in the main process's session at the last list. */
  readonly sessionLives: boolean;
}

interface Row extends ProcessStat {
  readonly pid: number;
}

interface Seen {
  readonly startTicks: number;
  readonly own: boolean;
}

/** `main` has begun a session of its own, and is there when this is called. */
export function ownProcesses(main: number, marker: string): OwnProcesses {
  const mainTicks = readProcessStat(main)?.startTicks;
  let seen: ReadonlyMap<number, Seen> = new Map();
  let sessionLives = true;

  /** Whether it belongs by what it is itself; null where it cannot be told yet, as during its execve(2). */
  function belongs({ pid, startTicks, session }: Row): boolean | null {
    // once empty, a session's number may be given to somebody else
    if ((pid === main && startTicks === mainTicks) || (sessionLives && session === main)) return true;
    const before = seen.get(pid);
    // an environment is read once a process, as it does not change for the better
    if (before?.startTicks === startTicks) return before.own;
    const environment = readProcessFile(pid, "environ");
    return environment ? environment.split("\0").includes(`${MARK_VARIABLE}=${marker}`) : null;
  }

  return {
    list() {
      // elsewhere than on Linux only the main process can be told
      if (process.platform !== "linux") return descendants(main);
      const rows = readRows();
      const now = new Map<number, Seen>();
      for (const row of rows) {
        const own = belongs(row);
        if (own !== null) now.set(row.pid, { startTicks: row.startTicks, own });
      }
      const own = withDescendants(rows, (pid) => now.get(pid)?.own === true);
      for (const { pid, startTicks } of own) now.set(pid, { startTicks, own: true });
      sessionLives &&= rows.some(({ session }) => session === main);
      seen = now;
      return own.map(({ pid }) => pid).sort((a, b) => Number(b === main) - Number(a === main));
    },
    get sessionLives() {
      return sessionLives;
    },
  };
}

function readRows(): Row[] {
  return listPids().flatMap((pid) => {
    const stat = readProcessStat(pid);
    return stat && !hasEnded(stat) ? { pid, ...stat } : [];
  });
}

function withDescendants(rows: readonly Row[], isOwn: (pid: number) => boolean): Row[] {
  const children = new Map<number, Row[]>();
  for (const row of rows) {
    const siblings = children.get(row.parentPid);
    if (siblings) siblings.push(row);
    else children.set(row.parentPid, [row]);
  }
  const own = new Set(rows.filter(({ pid }) => isOwn(pid)));
  for (const { pid } of own) for (const child of children.get(pid) ?? []) own.add(child);
  return [...own];
}

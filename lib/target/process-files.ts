/** What /proc/<pid> says of a process that may end, or have ended, at any moment (proc_pid_stat(5)). */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { withSpareDescriptor } from "./spare-descriptor.ts";

/** USER_HZ: fixed at 100 in the kernel's interface, whatever the kernel's own tick (time(7)). */
const MS_PER_TICK = 10;

export interface ProcessStat {
  /** R, S, D, T … and Z of one that has ended and was not yet waited for. */
  readonly state: string;
  readonly parentPid: number;
  readonly session: number;
  /** Of the process itself, all threads. */
  readonly cpuMs: number;
  /** Of its children that have ended and were waited for, and of theirs. */
  readonly endedChildrenCpuMs: number;
  readonly threads: number;
  /** In clock ticks after boot: with the pid, the identity of the process. */
  readonly startTicks: number;
}

/** Null where there is no such process. Throws EMFILE when there is no descriptor left, not even a spare one. */
export function readProcessStat(pid: number): ProcessStat | null {
  const text = readProcessFile(pid, "stat");
  return text === null ? null : parseProcessStat(text);
}

/** The command's name stands in parentheses and may hold anything, so fields are counted after the last one. */
export function parseProcessStat(text: string): ProcessStat | null {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const number = (field: number) => Number(fields[field - 3]);
  if (fields.length < 20) return null;
  return {
    state: fields[0] ?? "",
    parentPid: number(4),
    session: number(6),
    cpuMs: (number(14) + number(15)) * MS_PER_TICK,
    endedChildrenCpuMs: (number(16) + number(17)) * MS_PER_TICK,
    threads: number(20),
    startTicks: number(22),
  };
}

/** Its main thread has ended, and no other one runs on: it only waits to be waited for. */
export function hasEnded({ state, threads }: ProcessStat): boolean {
  return state === "X" || (state === "Z" && threads <= 1);
}

/** Whether there is such a process that has not ended. Throws EMFILE as readProcessStat() does. */
export function isAlive(pid: number): boolean {
  const stat = readProcessStat(pid);
  return stat !== null && !hasEnded(stat);
}

/** A file of /proc/<pid>; null where there is none, or none for us. */
export function readProcessFile(pid: number, name: string): string | null {
  return attempt(() => readFileSync(`/proc/${pid}/${name}`, "utf8"));
}

/** The names in a folder of /proc/<pid>; null where there is none, or none for us. */
export function listProcessFolder(pid: number, name: string): string[] | null {
  return attempt(() => readdirSync(`/proc/${pid}/${name}`));
}

export function readProcessLink(pid: number, name: string): string | null {
  return attempt(() => readlinkSync(`/proc/${pid}/${name}`));
}

/** Every pid that there is, ascending. */
export function listPids(): number[] {
  const names = withSpareDescriptor(() => readdirSync("/proc"));
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** Gone in the meantime, or not ours to read: two ways of not being there. */
const ABSENT = new Set(["ENOENT", "ESRCH", "EACCES", "EPERM", "EINVAL", "ENOTDIR"]);

export function isAbsent(error: unknown): boolean {
  return ABSENT.has((error as NodeJS.ErrnoException | null)?.code ?? "");
}

function attempt<T>(read: () => T): T | null {
  try {
    return withSpareDescriptor(read);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

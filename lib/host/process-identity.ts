/** Who a process is, so that it can be told later from another one that was given the same pid. */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

export interface ProcessIdentity {
  readonly pid: number;
  /** In clock ticks after boot (field 22 of /proc/<pid>/stat); null where there is no /proc. */
  readonly startTicks: number | null;
  readonly bootId: string | null;
  readonly pidNamespace: string | null;
  readonly hostname: string;
}

export function identifyProcess(pid: number = process.pid): ProcessIdentity {
  return {
    pid,
    startTicks: readStartTicks(pid),
    bootId: attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    pidNamespace: attempt(() => readlinkSync("/proc/self/ns/pid")),
    hostname: hostname(),
  };
}

/** Whether that process still runs; null where it cannot be told from here: another machine or another container. */
export function isRunning(identity: ProcessIdentity): boolean | null {
  const here = identifyProcess(identity.pid);
  if (identity.bootId !== here.bootId) return identity.hostname === here.hostname ? false : null;
  if (identity.pidNamespace !== here.pidNamespace) return null;
  if (here.startTicks !== null) return here.startTicks === identity.startTicks;
  return identity.startTicks === null && canSignal(identity.pid);
}

/** The command's name stands in parentheses and may hold anything, so the fields are counted after the last one (proc(5)). */
function readStartTicks(pid: number): number | null {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  // a zombie has ended, though its pid is still taken
  if (!fields || fields[0] === "Z") return null;
  return Number(fields[19]);
}

function canSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

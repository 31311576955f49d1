/** What the kernel says of processes and their threads: the same meter for Proofload and its peers. */
import { readdirSync, readFileSync, statSync } from "node:fs";

const PAGE_BYTES = 4096;

/** All processes below this one, whoever started them. */
export function descendants(pid: number): number[] {
  const children = attempt(() => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")) ?? "";
  return children
    .split(" ")
    .filter(Boolean)
    .flatMap((child) => [Number(child), ...descendants(Number(child))]);
}

/** Anonymous memory, or null for a process that is gone. */
export function anonymousBytes(pid: number | "self"): number | null {
  const fields = attempt(() => readFileSync(`/proc/${pid}/statm`, "utf8"))
    ?.split(" ")
    .map(Number);
  return fields ? ((fields[1] ?? 0) - (fields[2] ?? 0)) * PAGE_BYTES : null;
}

export function descriptors(pid: number | "self"): number | null {
  return attempt(() => statSync(`/proc/${pid}/fd`).size);
}

/** What threads did so far, ms: ran, and waited for a processor that others had. */
export interface ThreadTimes {
  readonly ranMs: number;
  readonly waitedMs: number;
}

/**
 * The times of all threads of these processes: the first two numbers of schedstat, ns. That of a running thread is brought up to
 * date at each tick of the kernel only: it may be late by 4 ms.
 */
export function threadTimes(pids: readonly (number | "self")[]): ThreadTimes {
  return pids
    .flatMap((pid) =>
      (attempt(() => readdirSync(`/proc/${pid}/task`)) ?? []).map((thread) => timesOf(pid, thread)),
    )
    .reduce(sum, { ranMs: 0, waitedMs: 0 });
}

/** Those of this process without the main thread, which is the bench: its meter is no load. */
export function workerTimes(): ThreadTimes {
  const main = timesOf("self", String(process.pid));
  return sum(threadTimes(["self"]), { ranMs: -main.ranMs, waitedMs: -main.waitedMs });
}

function timesOf(pid: number | "self", thread: string): ThreadTimes {
  const text = attempt(() => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8")) ?? "";
  const [ran = 0, waited = 0] = text.split(" ").map(Number);
  return { ranMs: ran / 1e6, waitedMs: waited / 1e6 };
}

function sum(a: ThreadTimes, b: ThreadTimes): ThreadTimes {
  return { ranMs: a.ranMs + b.ranMs, waitedMs: a.waitedMs + b.waitedMs };
}

/** Busy and all time of all processors so far, in ticks; what the hypervisor took away counts as busy, as in top. */
export function boxTicks(): { busy: number; total: number } {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n", 1);
  const [user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, ...rest] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const [irq = 0, softIrq = 0, steal = 0] = rest;
  const busy = user + nice + system + irq + softIrq + steal;
  return { busy, total: busy + idle + ioWait };
}

/** What is gone meanwhile reads as null. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return null;
    throw error;
  }
}

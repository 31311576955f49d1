/** Puts a limit on a process that already runs, and reads from the kernel what became of it. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Cgroup, cgroupFile } from "../host/cgroup.ts";

/** Limits the group's memory, swap included: with swap left over, the limit would only slow its processes down. */
export function limitCgroupMemory(group: Cgroup, bytes: number): void {
  writeFileSync(cgroupFile(group, "memoryLimit"), String(bytes));
  const [swapFile, swapLimit] =
    group.version === 2 ? ["memory.swap.max", 0] : ["memory.memsw.limit_in_bytes", bytes];
  const path = join(group.path, swapFile as string);
  // not there where the kernel does not account for swap
  if (existsSync(path)) writeFileSync(path, String(swapLimit));
}

export interface CgroupMemoryRecord {
  readonly oomKills: number;
  readonly peakBytes: number | null;
}

/**
 * What the kernel counted in this group: `oom_kill` of memory.events or memory.oom_control. Not failcnt, which stays 0
 * where memory and swap have the same limit. The peak is null on version 2 before Linux 5.19.
 */
export function readCgroupMemoryRecord(group: Cgroup): CgroupMemoryRecord {
  const events = readFileSync(cgroupFile(group, "oomEvents"), "utf8");
  const peak = cgroupFile(group, "memoryPeak");
  return {
    oomKills: Number(/^oom_kill (\d+)/m.exec(events)?.[1]),
    peakBytes: existsSync(peak) ? Number(readFileSync(peak, "utf8")) : null,
  };
}

/** How many processes the OOM killer has ended on this box, in any group (Linux ≥ 4.13). */
export function countBoxOomKills(): number {
  return Number(/^oom_kill (\d+)/m.exec(readFileSync("/proc/vmstat", "utf8"))?.[1]);
}

/** Sets a soft and hard limit, and no core file, by prlimit(1) of util-linux: Node has no call for it. Throws what it said. */
export async function limitProcess(pid: number, resource: "data" | "as", bytes: number): Promise<void> {
  await promisify(execFile)("prlimit", ["--pid", String(pid), "--core=0", `--${resource}=${bytes}:${bytes}`]);
}

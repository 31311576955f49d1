/** What a container takes, as the kernel accounts for its control group (cgroups(7)): memory, processor time, throttling. */
import { join } from "node:path";
import { type Cgroup, cgroupFile, readMemoryLimit } from "../host/cgroup.ts";
import { readText } from "../host/read-text.ts";
import { findContainerGroup } from "./group.ts";

export interface Usage {
  /** Memory that it cannot give back without harm: usage − inactive file pages. Null: cannot be read. */
  readonly workingSetBytes: number | null;
  readonly cpuMs: number | null;
  /** So long its quota has kept it from running. */
  readonly throttledMs: number | null;
  /** So many of its processes the kernel has killed for lack of memory (Linux ≥ 4.13). */
  readonly oomKills: number | null;
}

export interface UsageReader {
  /** The lowest limit on its memory; null: none. */
  readonly limitBytes: number | null;
  read(): Usage;
}

/** Null where its groups cannot be read from here. */
export function openUsage(pid: number, id: string): UsageReader | null {
  const memory = findContainerGroup("memory", pid, id);
  const account = findContainerGroup("cpuacct", pid, id);
  const quota = findContainerGroup("cpu", pid, id);
  if (memory === null) return null;
  return {
    limitBytes: readMemoryLimit(memory)?.bytes ?? null,
    read: () => ({
      workingSetBytes: readWorkingSet(memory),
      cpuMs: account && readCpu(account),
      throttledMs: quota && readThrottled(quota),
      oomKills: numberIn(cgroupFile(memory, "oomEvents"), "oom_kill"),
    }),
  };
}

function readWorkingSet(group: Cgroup): number | null {
  const usage = readText(cgroupFile(group, "memoryUsage"));
  const name = group.version === 2 ? "inactive_file" : "total_inactive_file";
  const inactive = numberOf(group, "memory.stat", name);
  // read one after the other, they may disagree by a little
  return usage === null || inactive === null ? null : Math.max(0, Number(usage) - inactive);
}

function readCpu(group: Cgroup): number | null {
  if (group.version === 2) return scaled(numberOf(group, "cpu.stat", "usage_usec"), 1e-3);
  const text = readText(join(group.path, "cpuacct.usage"));
  return text === null ? null : Number(text) / 1e6;
}

/** Of a group without quota there is none to be read in version 2. */
function readThrottled(group: Cgroup): number | null {
  return group.version === 2
    ? scaled(numberOf(group, "cpu.stat", "throttled_usec"), 1e-3)
    : scaled(numberOf(group, "cpu.stat", "throttled_time"), 1e-6);
}

function scaled(value: number | null, factor: number): number | null {
  return value === null ? null : value * factor;
}

/** One line of a flat keyed file: "name 123". */
function numberOf(group: Cgroup, file: string, name: string): number | null {
  return numberIn(join(group.path, file), name);
}

function numberIn(path: string, name: string): number | null {
  const found = new RegExp(`^${name} (\\d+)`, "m").exec(readText(path) ?? "");
  return found ? Number(found[1]) : null;
}

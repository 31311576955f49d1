/** What a container may take: as its engine tells it, and as the kernel has it for its control group. */
import { readCpuQuota, readMemoryLimit, readPidsLimit } from "../host/cgroup.ts";
import { findContainerGroup } from "./group.ts";
import type { Inspected } from "./schemas.ts";

/** Null: as much as there is. */
export interface Limits {
  readonly memoryBytes: number | null;
  /** Processors' time for each time that passes. */
  readonly cores: number | null;
  /** Processes and threads. */
  readonly processes: number | null;
}

/** The kernel's usual one, where a quota is given without (μs, cgroups(7)). */
const PERIOD_US = 100_000;

/** As the engine tells them. */
export function declaredLimits({ HostConfig }: Pick<Inspected, "HostConfig">): Limits {
  const { Memory, NanoCpus, CpuQuota, CpuPeriod, PidsLimit } = HostConfig;
  const quota = CpuQuota > 0 ? CpuQuota / (CpuPeriod || PERIOD_US) : null;
  return {
    memoryBytes: Memory || null,
    cores: NanoCpus > 0 ? NanoCpus / 1e9 : quota,
    processes: PidsLimit && PidsLimit > 0 ? PidsLimit : null,
  };
}

/** As the kernel has them, from the container's group up. Null where its groups cannot be read from here. */
export function kernelLimits(pid: number, id: string): Limits | null {
  const memory = findContainerGroup("memory", pid, id);
  if (memory === null) return null;
  const [quota, pids] = [findContainerGroup("cpu", pid, id), findContainerGroup("pids", pid, id)];
  return {
    memoryBytes: readMemoryLimit(memory)?.bytes ?? null,
    cores: quota && readCpuQuota(quota),
    processes: pids && readPidsLimit(pids),
  };
}

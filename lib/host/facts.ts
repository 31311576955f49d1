/** What this box and this process are, read once before anything is loaded. */
import { availableParallelism, cpus, hostname, release, totalmem } from "node:os";
import { findCgroup, readCpuQuota, readMemoryLimit } from "./cgroup.ts";
import { readText } from "./read-text.ts";

export interface HostFacts {
  readonly platform: NodeJS.Platform;
  readonly hostname: string;
  readonly kernel: string;
  readonly cpuModel: string;
  /** The processors that this process may run on, by number. */
  readonly allowedCpus: readonly number[];
  /** Cores that the control group grants, or null where it does not limit them. */
  readonly cpuQuota: number | null;
  readonly memoryTotalBytes: number;
  /** The lowest of the box's memory and every control group's limit above us. */
  readonly memoryLimitBytes: number;
  readonly memoryLimitedBy: string;
  readonly descriptorLimit: number | null;
  readonly bootId: string | null;
  readonly runtime: { readonly name: "node" | "deno" | "bun"; readonly version: string };
}

export function readHostFacts(): HostFacts {
  const memoryTotalBytes = totalmem();
  const memoryGroup = findCgroup("memory");
  const memoryLimit = memoryGroup && readMemoryLimit(memoryGroup);
  const limited = memoryLimit !== null && memoryLimit.bytes < memoryTotalBytes;
  const cpuGroup = findCgroup("cpu");
  return {
    platform: process.platform,
    hostname: hostname(),
    kernel: release(),
    cpuModel: cpus()[0]?.model ?? "unknown",
    allowedCpus: readAllowedCpus(),
    cpuQuota: cpuGroup && readCpuQuota(cpuGroup),
    memoryTotalBytes,
    memoryLimitBytes: limited ? memoryLimit.bytes : memoryTotalBytes,
    memoryLimitedBy: limited ? memoryLimit.path : "host",
    descriptorLimit: readRlimit("Max open files")?.soft ?? null,
    bootId: readText("/proc/sys/kernel/random/boot_id")?.trim() ?? null,
    runtime: readRuntime(),
  };
}

/** One row of /proc/<pid>/limits (getrlimit(2)); Infinity for "unlimited", null where there is no such file or row. */
export function readRlimit(
  row: string,
  pid: number | "self" = "self",
): { soft: number; hard: number } | null {
  const text = readText(`/proc/${pid}/limits`);
  const line = text?.split("\n").find((candidate) => candidate.startsWith(row));
  if (!line) return null;
  const [soft = "", hard = ""] = line.slice(row.length).trim().split(/\s+/);
  const parse = (value: string) => (value === "unlimited" ? Infinity : Number(value));
  return { soft: parse(soft), hard: parse(hard) };
}

/** Reads a list such as "0-3,8" (cpuset(7)). */
export function parseCpuList(list: string): number[] {
  return list
    .trim()
    .split(",")
    .filter(Boolean)
    .flatMap((part) => {
      const [first = Number.NaN, last = first] = part.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
    });
}

function readAllowedCpus(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readText("/proc/self/status") ?? "")?.[1];
  return list ? parseCpuList(list) : Array.from({ length: availableParallelism() }, (_, cpu) => cpu);
}

function readRuntime(): HostFacts["runtime"] {
  const { deno, bun, node } = process.versions as Record<string, string | undefined>;
  if (deno) return { name: "deno", version: deno };
  if (bun) return { name: "bun", version: bun };
  return { name: "node", version: node ?? "" };
}

/** The control groups that bound this process, version 1, 2 or both at once, and new ones below them (cgroups(7)). */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { readText } from "./read-text.ts";

export type Controller = "memory" | "cpu" | "pids";

/** One group of one hierarchy, by its folder. */
export interface Cgroup {
  readonly version: 1 | 2;
  readonly path: string;
  /** Where the hierarchy is mounted: the highest folder that can be seen. */
  readonly mount: string;
}

/** The names of the files in which the two versions keep the same fact. */
const FILES = {
  memoryLimit: { 1: "memory.limit_in_bytes", 2: "memory.max" },
  memoryUsage: { 1: "memory.usage_in_bytes", 2: "memory.current" },
  memoryPeak: { 1: "memory.max_usage_in_bytes", 2: "memory.peak" },
  oomEvents: { 1: "memory.oom_control", 2: "memory.events" },
  pidsLimit: { 1: "pids.max", 2: "pids.max" },
} as const;

/** v1 says "no limit" with LONG_MAX rounded down to a page; anything near it means none. */
const V1_UNLIMITED_BYTES = 2 ** 62;

/** The group of a process, this one if none is named, that has this controller, or null where there is none. */
export function findCgroup(controller: Controller | "cpuacct", pid: number | "self" = "self"): Cgroup | null {
  const own = readText(`/proc/${pid}/cgroup`)?.trim().split("\n") ?? [];
  const mounts = readText("/proc/self/mountinfo")?.trim().split("\n").map(parseMount) ?? [];
  const v1 = own.find((line) => line.split(":")[1]?.split(",").includes(controller));
  const v1Mount = mounts.find((mount) => mount.type === "cgroup" && mount.options.includes(controller));
  if (v1 && v1Mount) return locate(1, v1, v1Mount);
  const v2 = own.find((line) => line.startsWith("0::"));
  const v2Mount = mounts.find((mount) => mount.type === "cgroup2");
  if (!v2 || !v2Mount) return null;
  const offered = readText(join(v2Mount.point, "cgroup.controllers"))?.trim().split(" ") ?? [];
  // version 2 accounts for processors in any case
  return controller === "cpuacct" || offered.includes(controller) ? locate(2, v2, v2Mount) : null;
}

/** The lowest limit from this group up to the mount, and which group sets it; null where nothing does. */
export function readMemoryLimit(group: Cgroup): { bytes: number; path: string } | null {
  let lowest: { bytes: number; path: string } | null = null;
  for (const path of ancestors(group)) {
    for (const file of group.version === 2 ? ["memory.max", "memory.high"] : [FILES.memoryLimit[1]]) {
      const bytes = Number(readText(join(path, file)) ?? Number.NaN);
      if (bytes < V1_UNLIMITED_BYTES && bytes < (lowest?.bytes ?? Infinity)) lowest = { bytes, path };
    }
  }
  return lowest;
}

/** The lowest CPU quota from this group up to the mount, in cores; null where nothing sets one. */
export function readCpuQuota(group: Cgroup): number | null {
  let lowest = Infinity;
  for (const path of ancestors(group)) {
    const [quota, period] =
      group.version === 2
        ? (readText(join(path, "cpu.max"))?.trim().split(" ") ?? [])
        : [readText(join(path, "cpu.cfs_quota_us")), readText(join(path, "cpu.cfs_period_us"))];
    const cores = Number(quota) / Number(period);
    if (cores > 0) lowest = Math.min(lowest, cores);
  }
  return lowest === Infinity ? null : lowest;
}

/** The lowest limit on processes and threads, or null where nothing sets one. */
export function readPidsLimit(group: Cgroup): number | null {
  const limits = ancestors(group).map((path) =>
    Number(readText(join(path, FILES.pidsLimit[group.version])) ?? Number.NaN),
  );
  const lowest = Math.min(...limits.filter((limit) => !Number.isNaN(limit)));
  return lowest === Infinity ? null : lowest;
}

/** The path of one of a group's files, by what it says. */
export function cgroupFile(group: Cgroup, fact: keyof typeof FILES): string {
  return join(group.path, FILES[fact][group.version]);
}

/**
 * Makes a group below this one, or below the nearest ancestor that may have one with this controller: version 2 allows
 * no controllers below a group that has processes of its own. Answers the reason where none can be made. `announce`
 * hears of each path before anything is made there, so that whoever cleans up after a kill knows it.
 */
export function createCgroup(
  controller: Controller,
  name: string,
  announce: (path: string) => void = () => {},
): Cgroup | { readonly refused: string } {
  const own = findCgroup(controller);
  if (!own) return { refused: `no cgroup with a ${controller} controller is mounted` };
  const probe = {
    memory: FILES.memoryLimit,
    cpu: { 1: "cpu.cfs_quota_us", 2: "cpu.max" },
    pids: FILES.pidsLimit,
  };
  let refused = "";
  for (const parent of ancestors(own)) {
    const path = join(parent, name);
    announce(path);
    try {
      mkdirSync(path);
    } catch (error) {
      refused = `mkdir ${path}: ${(error as NodeJS.ErrnoException).code}`;
      continue;
    }
    if (existsSync(join(path, probe[controller][own.version]))) return { ...own, path };
    rmdirSync(path);
    refused = `${parent} does not hand the ${controller} controller down`;
  }
  return { refused };
}

/** Moves a process, with all its threads, into the group. */
export function enterCgroup(group: Cgroup, pid: number): void {
  writeFileSync(join(group.path, "cgroup.procs"), String(pid));
}

function ancestors({ path, mount }: Cgroup): string[] {
  const paths: string[] = [];
  for (let at = path; !relative(mount, at).startsWith(".."); at = dirname(at)) {
    paths.push(at);
    if (at === "/") break;
  }
  return paths;
}

/** Inside a container the mount may show only a part of the hierarchy: its root is then a prefix of our own path. */
function locate(version: 1 | 2, line: string, mount: Mount): Cgroup {
  const own = line.split(":").slice(2).join(":");
  const below = mount.root === "/" ? own : own.startsWith(mount.root) ? own.slice(mount.root.length) : "";
  const path = join(mount.point, below.includes("..") ? "" : below);
  return { version, path: existsSync(path) ? path.replace(/\/$/, "") : mount.point, mount: mount.point };
}

interface Mount {
  readonly root: string;
  readonly point: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** One line of /proc/self/mountinfo (proc(5)): the optional fields end at a lone dash. */
function parseMount(line: string): Mount {
  const [before = "", after = ""] = line.split(" - ");
  const fields = before.split(" ");
  const [type = "", , options = ""] = after.split(" ");
  return { root: fields[3] ?? "", point: fields[4] ?? "", type, options: options.split(",") };
}

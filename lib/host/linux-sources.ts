/** Gauges read from the Linux kernel's own files, held open: no child process and no new descriptor per sample (proc(5)). */
import { closeSync, openSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { cgroupFile, findCgroup, readMemoryLimit } from "./cgroup.ts";
import type { GaugeName, Readings, Source } from "./gauges.ts";
import { openHeldFile } from "./held-file.ts";
import { openVolumeSource } from "./volume.ts";

/** USER_HZ: fixed at 100 in the kernel's interface, whatever the kernel's own tick (time(7)). */
const MS_PER_TICK = 10;
const DESCRIPTORS = "/proc/self/fd";
/** AT_PAGESZ of getauxval(3). */
const AUXV_PAGE_SIZE = 6n;

/** Every Linux gauge of this process, this host and the volume of `directory`; `unreadable` says why one is missing. */
export function openLinuxSources(
  allowedCpus: readonly number[],
  directory: string,
): { sources: Source[]; unreadable: Map<GaugeName, string> } {
  const unreadable = new Map<GaugeName, string>();
  const sources: Source[] = [];
  const add = (gauges: readonly GaugeName[], open: () => Omit<Source, "gauges">) => {
    let source: Source | undefined;
    try {
      source = { gauges, ...open() };
      source.read();
      sources.push(source);
    } catch (error) {
      source?.close();
      for (const name of gauges) unreadable.set(name, error instanceof Error ? error.message : String(error));
    }
  };
  add(["cpuTotalMs", "cpuBusyMs", "cpuStealMs"], () => processorTime(allowedCpus));
  add(["cpuThrottledMs"], throttledTime);
  add(["memoryAvailableBytes"], () =>
    oneNumber("/proc/meminfo", /^MemAvailable:\s+(\d+) kB/m, "memoryAvailableBytes", 1024),
  );
  add(["cgroupMemoryBytes"], workingSet);
  add(["memoryStalledMs"], () =>
    oneNumber("/proc/pressure/memory", /full .*total=(\d+)/, "memoryStalledMs", 1e-3),
  );
  add(["cpuStalledMs"], () => oneNumber("/proc/pressure/cpu", /some .*total=(\d+)/, "cpuStalledMs", 1e-3));
  add(["ioStalledMs"], () => oneNumber("/proc/pressure/io", /full .*total=(\d+)/, "ioStalledMs", 1e-3));
  add(["rssBytes", "anonymousBytes"], processMemory);
  add(["processCpuMs"], processTime);
  add(["descriptors"], () => openDescriptors(statSync(DESCRIPTORS).size > 0 ? "size" : "listing"));
  // thread-self is resolved when it is opened: by the main thread, for the main thread
  add(["mainThreadCpuMs"], () => oneNumber("/proc/thread-self/schedstat", /^(\d+)/, "mainThreadCpuMs", 1e-6));
  add(["diskFreeBytes"], () => openVolumeSource(directory));
  return { sources, unreadable };
}

/** user, nice, system, irq and softirq are work; idle and iowait are not; steal is nobody's here; guest is inside user. */
function processorTime(allowedCpus: readonly number[]): Omit<Source, "gauges"> {
  const allowed = new Set(allowedCpus);
  const file = openHeldFile("/proc/stat");
  return {
    read() {
      let total = 0;
      let idle = 0;
      let steal = 0;
      for (const [, cpu, fields = ""] of file.read().matchAll(/^cpu(\d+) (.*)$/gm)) {
        if (!allowed.has(Number(cpu))) continue;
        const ticks = fields.split(" ").slice(0, 8).map(Number);
        total += ticks.reduce((sum, value) => sum + value, 0);
        idle += (ticks[3] ?? 0) + (ticks[4] ?? 0);
        steal += ticks[7] ?? 0;
      }
      return {
        cpuTotalMs: total * MS_PER_TICK,
        cpuBusyMs: (total - idle - steal) * MS_PER_TICK,
        cpuStealMs: steal * MS_PER_TICK,
      };
    },
    close: file.close,
  };
}

/** Summed over processors by the kernel; v1 counts nanoseconds, v2 microseconds (cgroup-v2, sched-bwc). */
function throttledTime(): Omit<Source, "gauges"> {
  const group = findCgroup("cpu");
  if (!group) throw new Error("no cgroup with a cpu controller is mounted");
  const [pattern, scale] =
    group.version === 2
      ? ([/^throttled_usec (\d+)/m, 1e-3] as const)
      : ([/^throttled_time (\d+)/m, 1e-6] as const);
  return oneNumber(join(group.path, "cpu.stat"), pattern, "cpuThrottledMs", scale);
}

/** Of the group that sets the limit, ours or one above: what is charged to it less the page cache that it can give back. */
function workingSet(): Omit<Source, "gauges"> {
  const own = findCgroup("memory");
  if (!own) throw new Error("no cgroup with a memory controller is mounted");
  const group = { ...own, path: readMemoryLimit(own)?.path ?? own.path };
  const usage = openHeldFile(cgroupFile(group, "memoryUsage"));
  const stat = openHeldFile(join(group.path, "memory.stat"));
  const inactive = group.version === 2 ? /^inactive_file (\d+)/m : /^total_inactive_file (\d+)/m;
  const read = () => {
    const used = Number(usage.read());
    return { cgroupMemoryBytes: Math.max(0, used - Number(inactive.exec(stat.read())?.[1] ?? 0)) };
  };
  const close = () => {
    usage.close();
    stat.close();
  };
  return { read, close };
}

/** utime and stime, fields 14 and 15 of proc(5), counted after the name, which may hold anything. */
function processTime(): Omit<Source, "gauges"> {
  const file = openHeldFile("/proc/self/stat");
  return {
    read() {
      const text = file.read();
      const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
      return { processCpuMs: (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK };
    },
    close: file.close,
  };
}

function processMemory(): Omit<Source, "gauges"> {
  const pageBytes = readPageBytes();
  const file = openHeldFile("/proc/self/statm");
  return {
    read() {
      const [, resident = Number.NaN, shared = Number.NaN] = file.read().split(" ").map(Number);
      return { rssBytes: resident * pageBytes, anonymousBytes: (resident - shared) * pageBytes };
    },
    close: file.close,
  };
}

/**
 * Since Linux 6.2 the folder's own size is the count; before, it must be listed, which takes a descriptor: a spare one, held
 * for that. Should another thread take it in that moment, the next readings may fail, until one succeeds and gets it back.
 */
export function openDescriptors(way: "size" | "listing"): Omit<Source, "gauges"> {
  if (way === "size") return { read: () => ({ descriptors: statSync(DESCRIPTORS).size }), close: () => {} };
  let spare = openSpare();
  const closeSpare = () => {
    if (spare !== null) closeSync(spare);
    spare = null;
  };
  return {
    read() {
      const spares = spare === null ? 0 : 1;
      closeSpare();
      try {
        // the listing's own descriptor is in it, the spare one is not
        return { descriptors: readdirSync(DESCRIPTORS).length - 1 + spares };
      } finally {
        spare = openSpare();
      }
    },
    close: closeSpare,
  };
}

function openSpare(): number | null {
  try {
    return openSync("/dev/null", "r");
  } catch {
    return null;
  }
}

function oneNumber(path: string, pattern: RegExp, gauge: GaugeName, scale: number): Omit<Source, "gauges"> {
  const file = openHeldFile(path);
  const read = (): Readings => {
    const digits = pattern.exec(file.read())?.[1];
    if (digits === undefined) throw new Error(`Cannot read ${gauge}: expected ${pattern} in ${path}`);
    return { [gauge]: Number(digits) * scale };
  };
  return { read, close: file.close };
}

/** The unit of statm: 4 KiB, but for some arm64 and ppc64 kernels. */
export function readPageBytes(): number {
  const auxv = readFileSync("/proc/self/auxv");
  for (let at = 0; at + 16 <= auxv.length; at += 16) {
    if (auxv.readBigUInt64LE(at) === AUXV_PAGE_SIZE) return Number(auxv.readBigUInt64LE(at + 8));
  }
  throw new Error("Cannot read the page size: expected AT_PAGESZ in /proc/self/auxv");
}

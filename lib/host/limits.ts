/** The limits in force for this process and this box, read once: what limits-audit judges. */
import { statfsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { findCgroup, readPidsLimit } from "./cgroup.ts";
import { readRlimit } from "./facts.ts";
import { readText } from "./read-text.ts";

/** Infinity where there is no limit; null where it could not be read. */
export interface LimitsRecord {
  readonly descriptors: { readonly soft: number; readonly hard: number } | null;
  readonly processes: number | null;
  readonly pids: number | null;
  /** vm.overcommit_memory: 0 by heuristics, 1 always, 2 never. */
  readonly overcommitMode: number | null;
  readonly commitLeftBytes: number | null;
  readonly swapTotalBytes: number | null;
  readonly swapUsedBytes: number | null;
  /** Share of the last ten seconds in which some task waited for memory; null without PSI. */
  readonly memoryPressure: number | null;
  readonly inotifyWatches: number | null;
  readonly inotifyInstances: number | null;
  readonly ephemeralPorts: number | null;
  readonly listenBacklog: number | null;
  readonly diskFreeBytes: number;
  /** Null where the file system counts none. */
  readonly diskFreeInodes: number | null;
  readonly clockSource: string | null;
  /** How far wall clock and monotonic clock moved apart while this was read, ms a second. */
  readonly clockDriftMsPerSecond: number;
}

/** Takes a second: that is how long the clocks are compared. `volume`: a folder on the volume whose free space matters. */
export async function readLimits(volume: string): Promise<LimitsRecord> {
  const meminfo = readText("/proc/meminfo") ?? "";
  const kib = (row: string) =>
    scale(number(new RegExp(`^${row}:\\s+(\\d+) kB`, "m").exec(meminfo)?.[1]), 1024);
  const swapTotal = kib("SwapTotal");
  const pidsGroup = findCgroup("pids");
  const ports = readText("/proc/sys/net/ipv4/ip_local_port_range")?.trim().split(/\s+/).map(Number);
  const { bavail, bsize, files, ffree } = statfsSync(volume);
  return {
    descriptors: readRlimit("Max open files"),
    processes: readRlimit("Max processes")?.soft ?? null,
    pids: pidsGroup && (readPidsLimit(pidsGroup) ?? Infinity),
    overcommitMode: readNumber("/proc/sys/vm/overcommit_memory"),
    commitLeftBytes: difference(kib("CommitLimit"), kib("Committed_AS")),
    swapTotalBytes: swapTotal,
    swapUsedBytes: difference(swapTotal, kib("SwapFree")),
    memoryPressure: scale(
      number(/some avg10=([\d.]+)/.exec(readText("/proc/pressure/memory") ?? "")?.[1]),
      0.01,
    ),
    inotifyWatches: readNumber("/proc/sys/fs/inotify/max_user_watches"),
    inotifyInstances: readNumber("/proc/sys/fs/inotify/max_user_instances"),
    ephemeralPorts: ports?.[0] !== undefined && ports[1] !== undefined ? ports[1] - ports[0] + 1 : null,
    listenBacklog: readNumber("/proc/sys/net/core/somaxconn"),
    diskFreeBytes: bavail * bsize,
    diskFreeInodes: files > 0 ? ffree : null,
    clockSource: readText("/sys/devices/system/clocksource/clocksource0/current_clocksource")?.trim() ?? null,
    clockDriftMsPerSecond: await compareClocks(),
  };
}

async function compareClocks(): Promise<number> {
  const start = { wall: Date.now(), steady: performance.now() };
  await delay(1000);
  const steadyMs = performance.now() - start.steady;
  return (Math.abs(Date.now() - start.wall - steadyMs) / steadyMs) * 1000;
}

function readNumber(path: string): number | null {
  return number(readText(path)?.trim());
}

function number(text: string | undefined): number | null {
  return text === undefined || text === "" || Number.isNaN(Number(text)) ? null : Number(text);
}

function scale(value: number | null, by: number): number | null {
  return value === null ? null : value * by;
}

function difference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

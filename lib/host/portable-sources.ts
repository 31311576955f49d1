/** Gauges where there is no /proc (macOS, Windows): what Node tells of itself, and available memory from systeminformation. */
import { cpus } from "node:os";
import systeminformation from "systeminformation";
import { type GaugeName, HOST_GAUGES, type Readings, type Source } from "./gauges.ts";
import { openVolumeSource } from "./volume.ts";

/** systeminformation starts a child process for this on macOS: once a second is often enough. */
const REFRESH_MS = 1000;

export function openPortableSources(directory: string): {
  sources: Source[];
  unreadable: Map<GaugeName, string>;
} {
  const sources = [
    processorTime(),
    availableMemory(),
    processTime(),
    processMemory(),
    openVolumeSource(directory),
  ];
  const read = new Set(sources.flatMap((source) => source.gauges));
  const missing = (Object.keys(HOST_GAUGES) as GaugeName[]).filter(
    (name) => !read.has(name) && name !== "eventLoopDelayMs",
  );
  return {
    sources,
    unreadable: new Map(missing.map((name) => [name, `not to be had on ${process.platform}`])),
  };
}

function processorTime(): Source {
  const read = () => {
    const times = cpus().map((cpu) => cpu.times);
    const busy = times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0);
    return { cpuBusyMs: busy, cpuTotalMs: busy + times.reduce((sum, { idle }) => sum + idle, 0) };
  };
  return { gauges: ["cpuBusyMs", "cpuTotalMs"], read, close: () => {} };
}

/** The last answer, asked for in the background: null until the first one, and while none comes. */
function availableMemory(): Source {
  let latest: number | null = null;
  const refresh = () =>
    systeminformation.mem().then(
      ({ available }) => {
        latest = available;
      },
      () => {
        latest = null;
      },
    );
  void refresh();
  const timer = setInterval(refresh, REFRESH_MS).unref();
  return {
    gauges: ["memoryAvailableBytes"],
    read: () => ({ memoryAvailableBytes: latest }),
    close: () => clearInterval(timer),
  };
}

function processTime(): Source {
  const read = () => {
    const { user, system } = process.cpuUsage();
    return { processCpuMs: (user + system) / 1000 };
  };
  return { gauges: ["processCpuMs"], read, close: () => {} };
}

/** Without the kernel's count of shared pages there is no anonymous part to tell. */
function processMemory(): Source {
  return {
    gauges: ["rssBytes"],
    read: (): Readings => ({ rssBytes: process.memoryUsage.rss() }),
    close: () => {},
  };
}

/** A process and its children where there is no /proc (macOS): what systeminformation tells, asked for in the background. */
import systeminformation from "systeminformation";
import type { TreeReader, TreeReadings } from "./tree-readings.ts";

/** systeminformation starts ps(1) for this: once a second is often enough. */
const REFRESH_MS = 1000;

interface Row {
  readonly pid: number;
  readonly parentPid: number;
  /** Share of one processor, percent. */
  readonly cpu: number;
  /** KiB. */
  readonly memRss: number;
}

/**
 * RSS, processor time and the number of processes, of the first pid that `pids` gives and of its descendants; all else is
 * null. Null too until the first answer. Processor time is what ps says of its share, added up: an estimate.
 */
export function openPortableTreeReader(
  pids: () => readonly number[],
  list: () => Promise<readonly Row[]> = async () => (await systeminformation.processes()).list,
): TreeReader {
  const root = pids()[0] ?? null;
  let latest: { rssBytes: number; processes: number } | null = null;
  let reason = "not asked for yet";
  let cpuMs = 0;
  let askedAtMs = performance.now();
  let asking = false;

  async function ask() {
    if (asking || root === null) return;
    asking = true;
    try {
      const tree = findTree(await list(), root);
      const nowMs = performance.now();
      latest = tree.length === 0 ? null : { rssBytes: sum(tree, "memRss") * 1024, processes: tree.length };
      reason = `pid ${root} has ended`;
      cpuMs += (sum(tree, "cpu") / 100) * (nowMs - askedAtMs);
      askedAtMs = nowMs;
    } catch (error) {
      latest = null;
      reason = error instanceof Error ? error.message : String(error);
    } finally {
      asking = false;
    }
  }
  void ask();
  const timer = setInterval(ask, REFRESH_MS).unref();

  return {
    read: (): TreeReadings => ({
      ...NOT_HERE,
      rssBytes: latest?.rssBytes ?? null,
      processes: latest?.processes ?? null,
      cpuMs: latest && cpuMs,
    }),
    reasons: () =>
      new Map(
        (Object.keys(NOT_HERE) as (keyof TreeReadings)[])
          .filter((name) => latest === null || !READ_HERE.has(name))
          .map((name) => [name, READ_HERE.has(name) ? reason : `not to be had on ${process.platform}`]),
      ),
    socketsAgeMs: () => null,
    pssBytes: () => null,
    close: () => clearInterval(timer),
  };
}

const READ_HERE: ReadonlySet<keyof TreeReadings> = new Set(["rssBytes", "cpuMs", "processes"] as const);

const NOT_HERE: TreeReadings = {
  rssBytes: null,
  anonymousBytes: null,
  cpuMs: null,
  threads: null,
  descriptors: null,
  processes: null,
  sockets: null,
  socketsEstablished: null,
  socketsCloseWait: null,
  socketsClosing: null,
};

function findTree(rows: readonly Row[], root: number): Row[] {
  const found = new Set(rows.filter(({ pid }) => pid === root));
  for (const parent of found) {
    for (const row of rows) if (row.parentPid === parent.pid && row.pid !== root) found.add(row);
  }
  return [...found];
}

function sum(rows: readonly Row[], field: "cpu" | "memRss"): number {
  return rows.reduce((total, row) => total + row[field], 0);
}

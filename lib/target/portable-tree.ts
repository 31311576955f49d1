/** A process and its children where there is no /proc (macOS): what systeminformation tells, asked for in the background. */
import systeminformation from "systeminformation";
import { KIB } from "../units.ts";

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

export interface PortableTree {
  /** Null: no answer yet, or none any more, and `reason` says why. */
  read(): { readonly rssBytes: number; readonly cpuMs: number; readonly processes: number } | null;
  reason(): string;
  close(): void;
}

/** Of the process and its descendants. Processor time is what ps says of its share, added up: an estimate. */
export function openPortableTree(
  root: number,
  list: () => Promise<readonly Row[]> = async () => (await systeminformation.processes()).list,
): PortableTree {
  let latest: { rssBytes: number; processes: number } | null = null;
  let reason = "not asked for yet";
  let cpuMs = 0;
  let askedAtMs = performance.now();
  let asking = false;

  async function ask() {
    if (asking) return;
    asking = true;
    try {
      const tree = findTree(await list(), root);
      const nowMs = performance.now();
      latest = tree.length === 0 ? null : { rssBytes: sum(tree, "memRss") * KIB, processes: tree.length };
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
    read: () => latest && { ...latest, cpuMs },
    reason: () => reason,
    close: () => clearInterval(timer),
  };
}

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

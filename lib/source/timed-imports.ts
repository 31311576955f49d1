/** Imports modules with circles and without, each time in a fresh process, in turn. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { runChild } from "./child.ts";
import { writeCorpus } from "./corpus.ts";
import { ENTRIES, type ModuleSystem, makeRings } from "./import-rings.ts";
import { type Command, commandFor } from "./runtimes.ts";

export interface ImportOrder {
  readonly system: ModuleSystem;
  /** Which does not exist yet. */
  readonly folder: string;
  readonly modules: number;
  /** Beside one that warms up the disk. */
  readonly pairs: number;
  readonly withinMs: number;
  /** Whether modules in circles keep their thread busy. */
  readonly planted: boolean;
  readonly mark: string;
  readonly signal: AbortSignal;
}

/** How long a planted circle keeps busy in each of its modules: far beyond what reading a small file takes, ms. */
const BUSY_MS = 20;

export interface Timed {
  readonly system: ModuleSystem;
  /** Why it could not be measured at all, or null. */
  readonly missing: string | null;
  /** What went wrong on the way, or null. */
  readonly wrong: string | null;
  readonly pairs: readonly { readonly circularMs: number; readonly plainMs: number }[];
}

export async function timeImports(order: ImportOrder): Promise<Timed> {
  const { system, folder, modules, planted, signal } = order;
  const how = commandFor(system);
  if ("missing" in how) return { system, missing: how.missing, wrong: null, pairs: [] };
  await mkdir(folder);
  for (const circular of [true, false]) {
    const rings = { modules, circular, busyMs: circular && planted ? BUSY_MS : 0 };
    await writeCorpus(join(folder, nameOf(circular)), makeRings(system, rings), signal);
  }
  const pairs: Timed["pairs"][number][] = [];
  for (let pair = 0; pair <= order.pairs; pair++) {
    const times = { true: 0, false: 0 };
    // the order turns round, so that neither is always the second
    for (const circular of pair % 2 === 0 ? [true, false] : [false, true]) {
      const took = await importOnce(order, how.command, { circular, pair });
      if (typeof took === "string") return { system, missing: null, wrong: took, pairs };
      times[`${circular}`] = took;
    }
    if (pair > 0) pairs.push({ circularMs: times.true, plainMs: times.false });
  }
  return { system, missing: null, wrong: null, pairs };
}

function nameOf(circular: boolean): string {
  return circular ? "circular" : "plain";
}

/** Milliseconds, or what went wrong. */
async function importOnce(
  { system, folder, withinMs, mark, signal }: ImportOrder,
  command: Command,
  { circular, pair }: { readonly circular: boolean; readonly pair: number },
): Promise<number | string> {
  const cwd = join(folder, nameOf(circular));
  const end = await runChild({
    ...{ cwd, withinMs, mark, signal },
    command: [...command, ENTRIES[system]],
    name: `${nameOf(circular)}-${pair}`,
  });
  if (end.ended !== "by itself") return `${nameOf(circular)}: ended ${end.ended}`;
  const tookMs = Number(end.stdout.trim());
  const { exitCode, stderr } = end;
  return exitCode === 0 && tookMs > 0
    ? tookMs
    : `${nameOf(circular)}: exit code ${exitCode}: ${stderr.trim()}`;
}

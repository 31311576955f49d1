/** Loads modules and drops them again in a process of its own, and reads what stays. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runChild } from "./child.ts";
import { writeCorpus } from "./corpus.ts";
import { firstModule, makeRings } from "./import-rings.ts";
import { commandFor } from "./runtimes.ts";

export const RELOADABLE = ["cjs", "esm"] as const;
export type Reloadable = (typeof RELOADABLE)[number];

export interface ReloadOrder {
  readonly system: Reloadable;
  /** What is loaded, with whatever it imports: an absolute path. */
  readonly path: string;
  readonly rounds: number;
  readonly loads: number;
  readonly withinMs: number;
  /** Whether something of each load is kept. */
  readonly planted: boolean;
  readonly mark: string;
  readonly signal: AbortSignal;
}

export interface Reloaded {
  readonly system: Reloadable;
  /** The module, or null where they were made up. */
  readonly module: string | null;
  /** What went wrong, or null. */
  readonly wrong: string | null;
  /** After each load; `liveBytes` as DESIGN has it: after a forced collection, without code. */
  readonly readings: readonly Reading[];
}

interface Reading {
  readonly round: number;
  readonly atMs: number;
  readonly liveBytes: number;
}

/** Makes up modules that import each other, in a folder that does not exist yet; answers the one that imports all. */
export async function makeReloadable(
  system: Reloadable,
  { folder, modules, signal }: { folder: string; modules: number; signal: AbortSignal },
): Promise<string> {
  await writeCorpus(folder, makeRings(system, { modules, circular: true, busyMs: 0 }), signal);
  return join(folder, firstModule(system));
}

export async function reloadModules(order: ReloadOrder): Promise<Omit<Reloaded, "module">> {
  const { system, path, rounds, loads, withinMs, planted, mark, signal } = order;
  const how = commandFor(system);
  if ("missing" in how) return { system, wrong: how.missing, readings: [] };
  const program = fileURLToPath(new URL("reload.mjs", import.meta.url));
  const words = [program, system, path, String(rounds), String(loads), ...(planted ? ["keep"] : [])];
  const end = await runChild({
    ...{ cwd: dirname(path), withinMs, mark, signal },
    command: [...how.command, ...words],
    name: system,
  });
  const readings = end.stdout.split("\n").flatMap((line) => readLine(line) ?? []);
  return { system, wrong: tellWrong(end), readings };
}

function tellWrong({ ended, exitCode, stderr }: Awaited<ReturnType<typeof runChild>>): string | null {
  if (ended !== "by itself") return `ended ${ended}`;
  return exitCode === 0 ? null : `exit code ${exitCode}: ${stderr.trim().slice(0, 500)}`;
}

/** A line that is cut short says nothing. */
function readLine(line: string): Reading | null {
  try {
    const { round, atMs, liveBytes } = JSON.parse(line);
    return [round, atMs, liveBytes].every((value) => typeof value === "number")
      ? { round, atMs, liveBytes }
      : null;
  } catch {
    return null;
  }
}

/** Imports modules that take locks or wait for each other, in processes of their own, and tells who waits for whom. */
import { runChild } from "./child.ts";
import { writeCorpus } from "./corpus.ts";
import { readImportGraph } from "./import-graph.ts";
import { type Locking, type LockingCase, makeLocking } from "./locking-modules.ts";
import { commandFor } from "./runtimes.ts";

export interface LockingOrder extends Locking {
  readonly of: LockingCase;
  /** Which does not exist yet. */
  readonly folder: string;
  readonly rounds: number;
  /** For each round. */
  readonly withinMs: number;
  readonly mark: string;
  readonly signal: AbortSignal;
}

export interface Locked {
  readonly of: LockingCase;
  /** Why it could not be tried, or null. */
  readonly missing: string | null;
  /** Rounds in which it was seen whether all is imported. */
  readonly rounds: number;
  /** What went wrong otherwise, or null. */
  readonly wrong: string | null;
  /** Who waits for whom, of the first round in which somebody did. */
  readonly waits: readonly string[];
  readonly longestMs: number;
}

/** Node's exit code where a module waits at its top for what nobody will ever do. */
const UNSETTLED = 13;

export async function tryLocking(order: LockingOrder): Promise<Locked> {
  const { of, folder, rounds, withinMs, mark, signal } = order;
  const how = commandFor(of === "python" ? "python" : of === "threads" ? "cjs" : "esm");
  let locked: Locked = { of, missing: null, rounds: 0, wrong: null, waits: [], longestMs: 0 };
  if ("missing" in how) return { ...locked, missing: how.missing };
  const { corpus, entry } = makeLocking(of, order);
  await writeCorpus(folder, corpus, signal);
  for (let round = 1; round <= rounds && locked.wrong === null && locked.waits.length === 0; round++) {
    const command = [...how.command, entry] as const;
    const end = await runChild({ command, cwd: folder, withinMs, mark, name: `${of}-${round}`, signal });
    const longestMs = Math.max(locked.longestMs, end.tookMs);
    const waits = await readWaits(end, folder);
    locked =
      typeof waits === "string"
        ? { ...locked, longestMs, wrong: waits }
        : { ...locked, longestMs, rounds: round, waits };
  }
  return locked;
}

/** Or what went wrong. */
async function readWaits(
  { ended, exitCode, stdout, stderr }: Awaited<ReturnType<typeof runChild>>,
  folder: string,
): Promise<readonly string[] | string> {
  const unsettled = exitCode === UNSETTLED || /top-level await/i.test(stderr);
  if (ended === "by itself" && unsettled) return tellAwaits(folder);
  if (ended === "late") return ["it did not end in its time, and did not say who waits"];
  if (ended === "aborted") return "ended before";
  const waits = /^\{"waits":.*\}$/m.exec(stdout)?.[0];
  if (exitCode !== 0 || waits === undefined) return `exit code ${exitCode}: ${stderr.trim().slice(0, 500)}`;
  return JSON.parse(waits).waits;
}

/** What each module waits for at its top: nobody else knows, when the runtime has ended. */
async function tellAwaits(folder: string): Promise<string[]> {
  const { modules, arrows } = await readImportGraph(folder);
  const awaited = arrows.filter(({ when, from }) => when === "load" && modules[from] !== "main.mjs");
  return awaited.map(({ from, to, line }) => `${modules[from]}:${line} waits for ${modules[to]}`);
}

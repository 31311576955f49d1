/** What a tree of processes costs in memory when a page that several of them share is counted once: smaps_rollup of each. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { KIB } from "../units.ts";
import { isAlive, readProcessFile } from "./process-files.ts";

export interface TreeWeight {
  /** Proportional set size: of a page that n processes have mapped, each pays a part in n. Null where it may not be read. */
  readonly pssBytes: number | null;
  /** The anonymous part of it, what a fork shares until it is written to among it. Null on a kernel that does not tell it, too. */
  readonly pssAnonymousBytes: number | null;
  /** Why one of them is null. */
  readonly reason: string | null;
}

/**
 * proc_pid_smaps(5). The kernel walks all page tables for it, milliseconds for each GiB that is mapped, so the event loop
 * has a turn after each process. One that has ended weighs nothing. Rejects with EMFILE when no descriptor is left, never for
 * a process that ends.
 */
export async function weighTree(pids: readonly number[]): Promise<TreeWeight> {
  if (pids.length === 0) return unknown("there was no process");
  let pssBytes = 0;
  let pssAnonymousBytes: number | null = 0;
  for (const pid of pids) {
    const text = readProcessFile(pid, "smaps_rollup");
    // a zombie has an empty one or, on newer kernels, none that could be read
    if (!text) {
      if (text === null && isAlive(pid)) return unknown(`/proc/${pid}/smaps_rollup may not be read by us`);
      continue;
    }
    pssBytes += readField(text, "Pss") ?? 0;
    const anonymous = readField(text, "Pss_Anon");
    pssAnonymousBytes =
      pssAnonymousBytes === null || anonymous === null ? null : pssAnonymousBytes + anonymous;
    await nextTurn();
  }
  const reason = pssAnonymousBytes === null ? "this kernel does not tell Pss_Anon" : null;
  return { pssBytes, pssAnonymousBytes, reason };
}

function unknown(reason: string): TreeWeight {
  return { pssBytes: null, pssAnonymousBytes: null, reason };
}

function readField(text: string, name: string): number | null {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1];
  return kib === undefined ? null : Number(kib) * KIB;
}

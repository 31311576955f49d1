/** One process of a tree, read from files that stay open: a pid given to another process later is never taken for it. */
import { type HeldFile, openHeldFile } from "../host/held-file.ts";
import { countDescriptors } from "./descriptor-list.ts";
import { isAbsent, type ProcessStat, parseProcessStat, readProcessFile } from "./process-files.ts";

export interface MemberReadings {
  readonly stat: ProcessStat;
  readonly residentPages: number;
  readonly sharedPages: number;
  /** Null where they may not be counted. */
  readonly descriptors: number | null;
}

export interface TreeMember {
  readonly pid: number;
  /** Null when the process has ended and was waited for. */
  read(): MemberReadings | null;
  close(): void;
}

/** Null when there is no such process. With `hold` false, and when no descriptor is left, its files are opened for each reading. */
export function openTreeMember(pid: number, hold: boolean): TreeMember | null {
  const start = readStart(pid);
  if (start === null) return null;
  const held = hold ? openFiles(pid) : null;
  if (held && parseProcessStat(readHeld(held.stat) ?? "")?.startTicks !== start) {
    closeFiles(held);
    return null;
  }
  return {
    pid,
    read() {
      const stat = parseProcessStat((held ? readHeld(held.stat) : readProcessFile(pid, "stat")) ?? "");
      if (stat?.startTicks !== start) return null;
      const pages = (held ? readHeld(held.statm) : readProcessFile(pid, "statm")) ?? "";
      const [, residentPages = 0, sharedPages = 0] = pages.split(" ").map(Number);
      return { stat, residentPages, sharedPages, descriptors: countDescriptors(pid) };
    },
    close: () => held && closeFiles(held),
  };
}

interface Files {
  readonly stat: HeldFile;
  readonly statm: HeldFile;
}

function readStart(pid: number): number | null {
  return parseProcessStat(readProcessFile(pid, "stat") ?? "")?.startTicks ?? null;
}

function openFiles(pid: number): Files | null {
  let stat: HeldFile | null = null;
  try {
    stat = openHeldFile(`/proc/${pid}/stat`);
    return { stat, statm: openHeldFile(`/proc/${pid}/statm`) };
  } catch {
    // ended in the meantime, or no descriptor left: what the next reading opens will tell
    stat?.close();
    return null;
  }
}

function closeFiles({ stat, statm }: Files): void {
  stat.close();
  statm.close();
}

/** A file of a process that has ended answers ESRCH, also when its pid was given to another. */
export function readHeld(file: HeldFile): string | null {
  try {
    return file.read();
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

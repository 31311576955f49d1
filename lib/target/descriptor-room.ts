/** How near the processes of a target are to their own limits of open files, as the kernel has it. */
import { readRlimit } from "../host/facts.ts";
import { countDescriptors } from "./descriptor-list.ts";

export interface DescriptorRoom {
  readonly pid: number;
  readonly descriptors: number;
  /** Soft RLIMIT_NOFILE of this process; Infinity where it has none. */
  readonly limit: number;
}

/** Of these processes, the one that has used most of its limit; null where none can be read. A limit is one process's, not a tree's. */
export function findFullest(pids: readonly number[]): DescriptorRoom | null {
  let fullest: DescriptorRoom | null = null;
  for (const pid of pids) {
    const descriptors = countDescriptors(pid);
    const limit = readRlimit("Max open files", pid)?.soft;
    if (descriptors === null || limit === undefined) continue;
    if (fullest === null || descriptors / limit > fullest.descriptors / fullest.limit)
      fullest = { pid, descriptors, limit };
  }
  return fullest;
}

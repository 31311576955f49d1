/** The processes of a tree, each held open from when it is first seen until it has ended. */
import { type HeldFile, openHeldFile } from "../host/held-file.ts";
import { hasEnded } from "./process-files.ts";
import { isOutOfDescriptors } from "./spare-descriptor.ts";
import { type MemberReadings, openTreeMember, readHeld, type TreeMember } from "./tree-member.ts";

export interface TreeMembers {
  readonly root: number | null;
  pids(): number[];
  /** Counts up when another process is among them. */
  readonly generation: number;
  /** Null when the root has ended. */
  read(): Map<number, MemberReadings> | null;
  close(): void;
}

/** Of a larger tree, what is beyond is opened for each reading: two descriptors a process are no more than 128. */
const MOST_HELD = 64;
const REFRESH_MS = 1000;

/** `pids` is asked once a second, and when the root's main thread has other children than before or one is gone. */
export function openTreeMembers(pids: () => readonly number[]): TreeMembers {
  const open = new Map<number, TreeMember>();
  const root = pids()[0] ?? null;
  let rootMember = root === null ? null : openTreeMember(root, true);
  let children = root === null ? null : openChildren(root);
  let childrenText = "";
  let refreshedAtMs = Number.NEGATIVE_INFINITY;
  let generation = 0;

  function refresh() {
    let listed: readonly number[];
    try {
      listed = pids();
    } catch (error) {
      // no descriptor left to look for new ones: those known are still read
      if (isOutOfDescriptors(error)) return;
      throw error;
    }
    const wanted = new Set(listed);
    for (const [pid, member] of open) if (!wanted.has(pid)) drop(member);
    for (const pid of wanted) {
      if (pid === root || open.has(pid)) continue;
      const member = openTreeMember(pid, open.size < MOST_HELD);
      if (!member) continue;
      open.set(pid, member);
      generation++;
    }
  }

  function drop(member: TreeMember) {
    member.close();
    open.delete(member.pid);
  }

  function isDue(nowMs: number): boolean {
    const before = childrenText;
    childrenText = (children && readHeld(children)) ?? before;
    return childrenText !== before || nowMs - refreshedAtMs >= REFRESH_MS;
  }

  function endRoot() {
    rootMember?.close();
    rootMember = null;
    children?.close();
    children = null;
    for (const member of open.values()) drop(member);
  }

  return {
    root,
    get generation() {
      return generation;
    },
    pids: () => (root === null || rootMember === null ? [] : [root, ...open.keys()]),
    read() {
      const first = rootMember?.read() ?? null;
      if (root === null || !first || hasEnded(first.stat)) {
        endRoot();
        return null;
      }
      const nowMs = performance.now();
      if (isDue(nowMs)) {
        refresh();
        refreshedAtMs = nowMs;
      }
      const readings = new Map([[root, first]]);
      for (const member of open.values()) {
        const one = member.read();
        if (one) readings.set(member.pid, one);
        else {
          drop(member);
          // another process may have that pid by now, or have come in its place
          refreshedAtMs = Number.NEGATIVE_INFINITY;
        }
      }
      return readings;
    },
    close: endRoot,
  };
}

/** Null without CONFIG_PROC_CHILDREN, and when there is no such process. */
function openChildren(pid: number): HeldFile | null {
  try {
    return openHeldFile(`/proc/${pid}/task/${pid}/children`);
  } catch {
    return null;
  }
}

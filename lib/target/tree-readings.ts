/** Kernel truth about a process and its children, read again and again without child processes and, but for new children, without new descriptors. */
import { readPageBytes } from "../host/linux-sources.ts";
import { createCpuTotal } from "./cpu-total.ts";
import { listDescriptors, socketInode } from "./descriptor-list.ts";
import { openPortableTree } from "./portable-tree.ts";
import { hasEnded, isAlive } from "./process-files.ts";
import { openSocketCounter, type SocketCounter } from "./socket-counter.ts";
import { holdSpareDescriptor } from "./spare-descriptor.ts";
import type { MemberReadings } from "./tree-member.ts";
import { openTreeMembers, type TreeMembers } from "./tree-members.ts";
import { type TreeWeight, weighTree } from "./tree-weight.ts";

/** Sums over the tree. Null: could not be read, and `reasons` says why. */
export interface TreeReadings {
  /** What several processes share counts once for each. */
  rssBytes: number | null;
  /**
   * Resident without file pages and shared memory: resident − shared of statm. What a fork shares until it is written to
   * counts once for each, too: of more than one process, weigh().
   */
  anonymousBytes: number | null;
  /** A counter that never falls: what children used that have ended stays in it. */
  cpuMs: number | null;
  threads: number | null;
  descriptors: number | null;
  /** Those that have ended and were not waited for (zombies) too. */
  processes: number | null;
  /** TCP connections on the ports that the tree listens on, its own and those it has yet to accept: not what listens. */
  sockets: number | null;
  socketsEstablished: number | null;
  socketsCloseWait: number | null;
  /** On those ports, but the kernel's alone: TIME_WAIT and others without an owner. They end by themselves. */
  socketsClosing: number | null;
}

export interface TreeReader {
  read(): TreeReadings;
  /** Why a gauge of the last reading was null, and why it could not be weighed. */
  reasons(): ReadonlyMap<keyof TreeReadings | "pssBytes", string>;
  /** Counts the sockets anew for the next reading: at quiet points. Up to a second beside 100 000 in TIME_WAIT. */
  recountSockets(): Promise<void>;
  /** What the processes of the last reading weigh together, each page counted once: dear, for quiet points. Rejects at EMFILE. */
  weigh(): Promise<TreeWeight>;
  close(): void;
}

const MOST_DESCRIPTORS = 65_536;

const PROCESS = ["rssBytes", "anonymousBytes", "cpuMs", "threads", "descriptors", "processes"] as const;
const SOCKETS = ["sockets", "socketsEstablished", "socketsCloseWait", "socketsClosing"] as const;

/**
 * `pids` gives the tree, root first; it is asked once a second, and when the root's own children change or one is gone.
 * The root is the first one that it gave: when that has ended, every gauge is null. Never throws for a process that ends.
 */
export function openTreeReader(pids: () => readonly number[]): TreeReader {
  if (process.platform !== "linux") return openPortableReader(pids);
  const letSpareGo = holdSpareDescriptor();
  const pageBytes = readPageBytes();
  const members = openTreeMembers(pids);
  const total = createCpuTotal();
  const sockets = openSockets(members);
  let reasons = new Map<keyof TreeReadings, string>();
  let unweighed: string | null = null;

  function read(): TreeReadings {
    reasons = new Map();
    const readings = nothingRead();
    const because = (names: readonly (keyof TreeReadings)[], error: unknown) => {
      for (const name of names) reasons.set(name, error instanceof Error ? error.message : String(error));
    };
    const tree = members.read();
    if (!tree) {
      because(
        [...PROCESS, ...SOCKETS],
        members.root === null ? "there was no process" : `pid ${members.root} has ended`,
      );
      return readings;
    }
    Object.assign(readings, sum(tree, pageBytes), {
      cpuMs: total(new Map([...tree].map(([pid, { stat }]) => [pid, stat]))),
    });
    if (readings.descriptors === null) because(["descriptors"], "its descriptors may not be counted by us");
    try {
      Object.assign(readings, sockets.read());
    } catch (error) {
      because(SOCKETS, error);
    }
    return readings;
  }

  return {
    read,
    reasons: () => (unweighed === null ? reasons : new Map([...reasons, ["pssBytes", unweighed]])),
    recountSockets: sockets.recount,
    async weigh() {
      unweighed = "no descriptor was left to weigh it";
      const weight = await weighTree(members.pids());
      unweighed = weight.reason;
      return weight;
    },
    close() {
      sockets.close();
      members.close();
      letSpareGo();
    },
  };
}

/** What can be had where there is no /proc. `list` is for tests. */
export function openPortableReader(
  pids: () => readonly number[],
  list?: Parameters<typeof openPortableTree>[1],
): TreeReader {
  const [root] = pids();
  const tree = root === undefined ? null : openPortableTree(root, list);
  let reasons = new Map<keyof TreeReadings, string>();
  return {
    read() {
      const readings = { ...nothingRead(), ...tree?.read() };
      reasons = new Map();
      for (const name of [...PROCESS, ...SOCKETS])
        if (readings[name] === null) reasons.set(name, because(name));
      return readings;
    },
    reasons: () => reasons,
    recountSockets: async () => {},
    weigh: async () => ({
      ...{ pssBytes: null, pssAnonymousBytes: null },
      reason: `not to be had on ${process.platform}`,
    }),
    close: () => tree?.close(),
  };

  function because(name: keyof TreeReadings): string {
    if (name !== "rssBytes" && name !== "cpuMs" && name !== "processes") {
      return `not to be had on ${process.platform}`;
    }
    return tree?.reason() ?? "there was no process";
  }
}

function nothingRead(): TreeReadings {
  return Object.fromEntries([...PROCESS, ...SOCKETS].map((name) => [name, null])) as unknown as TreeReadings;
}

function sum(tree: ReadonlyMap<number, MemberReadings>, pageBytes: number): Partial<TreeReadings> {
  const total = { rssBytes: 0, anonymousBytes: 0, threads: 0, processes: tree.size };
  let descriptors: number | null = 0;
  for (const member of tree.values()) {
    total.rssBytes += member.residentPages * pageBytes;
    total.anonymousBytes += (member.residentPages - member.sharedPages) * pageBytes;
    if (!hasEnded(member.stat)) total.threads += member.stat.threads;
    descriptors =
      descriptors === null || member.descriptors === null ? null : descriptors + member.descriptors;
  }
  return { ...total, descriptors };
}

/** The counter of sockets, or the reason why there is none. */
function openSockets(members: TreeMembers) {
  let counter: SocketCounter | null = null;
  let refusal: unknown = null;
  let generation = members.generation;
  try {
    if (members.root !== null) counter = openSocketCounter(members.root, () => listSockets(members.pids()));
  } catch (error) {
    refusal = error;
  }
  return {
    read(): Pick<TreeReadings, (typeof SOCKETS)[number]> {
      if (!counter) throw refusal;
      if (generation !== members.generation) counter.reconsider();
      generation = members.generation;
      const counts = counter.read();
      return {
        sockets: counts.held,
        socketsEstablished: counts.established,
        socketsCloseWait: counts.closeWait,
        socketsClosing: counts.closing,
      };
    },
    async recount() {
      try {
        await counter?.recount();
      } catch {
        // the next reading meets it too, and says why
      }
    },
    close() {
      counter?.close();
      counter = null;
    },
  };
}

/** Inodes of all sockets that they hold. */
function listSockets(pids: readonly number[]): Set<number> {
  const inodes = new Set<number>();
  for (const pid of pids) {
    const listed = listDescriptors(pid, MOST_DESCRIPTORS);
    if (!listed && isAlive(pid)) {
      throw new Error(`Cannot tell whose sockets they are: expected to list /proc/${pid}/fd, may not`);
    }
    for (const { link } of listed ?? []) {
      const inode = socketInode(link);
      if (inode !== null) inodes.add(Number(inode));
    }
  }
  return inodes;
}

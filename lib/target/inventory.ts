/** What a tree of processes has open, by name: descriptors, sockets with state and peer, threads and processes. */
import { listDescriptors, socketInode } from "./descriptor-list.ts";
import { type NamedThing, tellGrowth } from "./name-groups.ts";
import { plainText } from "./plain-text.ts";
import { isAlive, listProcessFolder, readProcessFile, readProcessLink } from "./process-files.ts";
import { describeCommand } from "./process-tree.ts";
import { readSocketNames, type SocketNames } from "./socket-names.ts";

export interface Inventory {
  readonly descriptors: readonly OpenDescriptor[];
  readonly threads: readonly { pid: number; name: string }[];
  readonly processes: readonly { pid: number; command: string }[];
  /** Processes that were not looked into: they are not ours to read, or were too many; and descriptors beyond the bound. */
  readonly notRead: number;
}

export interface NamedDescriptor {
  readonly kind: "file" | "socket" | "pipe" | "anon" | "device" | "other";
  /** "socket 127.0.0.1:8080 ← 127.0.0.1:52110 CLOSE_WAIT", "/tmp/x (deleted)", "anon_inode:[eventpoll]" */
  readonly name: string;
}

interface OpenDescriptor extends NamedDescriptor {
  readonly pid: number;
  readonly fd: number;
}

/** Each costs a readlink(2) of about 3 µs, so that the largest inventory takes a quarter of a second. */
const MOST_DESCRIPTORS = 65_536;
const MOST_PROCESSES = 1024;
const MOST_THREADS = 8192;

/** Of Linux; elsewhere it is empty. Never throws for a process that has ended: what it had is not in it. */
export function takeInventory(pids: readonly number[]): Inventory {
  const descriptors: OpenDescriptor[] = [];
  const threads: { pid: number; name: string }[] = [];
  const processes: { pid: number; command: string }[] = [];
  const namespaces = openNamespaces();
  let notRead = Math.max(0, pids.length - MOST_PROCESSES);
  for (const pid of pids.slice(0, MOST_PROCESSES)) {
    const room = MOST_DESCRIPTORS - descriptors.length;
    const listed = listDescriptors(pid, room);
    if (!listed) {
      if (isAlive(pid)) notRead++;
      continue;
    }
    if (room > 0 && listed.length === room) notRead++;
    const names = namespaces.of(pid);
    for (const { fd, link } of listed) descriptors.push({ pid, fd, ...nameLink(link, names) });
    processes.push({ pid, command: describeCommand(pid) });
    for (const thread of (listProcessFolder(pid, "task") ?? []).slice(0, MOST_THREADS - threads.length)) {
      threads.push({ pid, name: plainText(readProcessFile(pid, `task/${thread}/comm`) ?? "(has ended)") });
    }
  }
  return { descriptors, threads, processes, notRead };
}

/**
 * What there is more of in `after` than in `before`, a line for each kind of name, most first, at most `most` lines and one
 * for the rest: "3 × socket 127.0.0.1:8080 ← 127.0.0.1:* CLOSE_WAIT (52110, 52114, 52116)". Names that differ in numbers only
 * are one kind, and only a kind's count can grow: a descriptor that was closed and opened again, or a log file that was
 * turned, has not stayed.
 */
export function whatStayed(before: Inventory, after: Inventory, most = 10): string[] {
  const lines = tellGrowth(listThings(before), listThings(after), most);
  if (after.notRead > 0) lines.push(`${after.notRead} processes or more could not be looked into fully`);
  return lines;
}

/** How many descriptors of each kind there are; null where some could not be looked at, or none can be (not Linux). */
export function countKinds({ descriptors, notRead }: Inventory): Record<string, number> | null {
  if (notRead > 0 || descriptors.length === 0) return null;
  const counts: Record<string, number> = {};
  for (const { kind } of descriptors) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function listThings({ descriptors, threads, processes }: Inventory): NamedThing[] {
  return [
    ...descriptors.map(({ name }) => ({ name })),
    ...threads.map(({ name }) => ({ name: `thread ${name}` })),
    ...processes.map(({ command }) => ({ name: `process ${command}` })),
  ];
}

/** The tables of sockets of each network namespace are read once, however many processes live in it. */
function openNamespaces() {
  const known = new Map<string, SocketNames>();
  return {
    of(pid: number): SocketNames {
      const namespace = readProcessLink(pid, "ns/net") ?? `of pid ${pid}`;
      const names = known.get(namespace) ?? readSocketNames(pid);
      known.set(namespace, names);
      return names;
    },
  };
}

/** What a descriptor points to, as /proc/<pid>/fd has it, in words. */
export function nameLink(link: string, names: SocketNames): NamedDescriptor {
  const inode = socketInode(link);
  if (inode !== null) return { kind: "socket", name: names(inode) };
  const name = plainText(link);
  if (link.startsWith("/dev/") && !link.startsWith("/dev/shm/")) return { kind: "device", name };
  if (link.startsWith("/")) return { kind: "file", name };
  if (link.startsWith("pipe:")) return { kind: "pipe", name };
  if (link.startsWith("anon_inode:")) return { kind: "anon", name };
  return { kind: "other", name };
}

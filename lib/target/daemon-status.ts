/** Whether a daemon runs: a pid counts only if its process is alive and owns the listener. */
import { readFileSync } from "node:fs";
import { listDescriptors, socketInode } from "./descriptor-list.ts";
import { isAlive, listPids, readProcessFile } from "./process-files.ts";
import { describeProcess } from "./process-tree.ts";
import { parseInternetSockets } from "./tcp-sockets.ts";

export type DaemonStatus =
  | { readonly kind: "running"; readonly pid: number }
  /** Its pid file names nobody who could be it; `why` says so. */
  | { readonly kind: "stale"; readonly pid: number | null; readonly why: string }
  /** There is no pid file. */
  | { readonly kind: "stopped" };

/** More than a daemon has, so that a process with a million of them is not listed whole. */
const MOST_DESCRIPTORS = 65_536;

/** As its pid file and the kernel have it: the listener is a TCP socket in LISTEN on this port. */
export function readDaemonStatus(pidFile: string, port: number): DaemonStatus {
  const text = readPidFile(pidFile);
  if (text === null) return { kind: "stopped" };
  const pid = parsePid(text);
  if (pid === null)
    return { kind: "stale", pid, why: `the pid file has no pid, but ${JSON.stringify(text.slice(0, 40))}` };
  if (!isAlive(pid)) return { kind: "stale", pid, why: `no process has the pid ${pid}` };
  if (!ownsListener(pid, port))
    return { kind: "stale", pid, why: `${describeProcess(pid)} does not listen on port ${port}` };
  return { kind: "running", pid };
}

/** Of these, or of all processes, those that have the listener among their descriptors; [] where nobody listens. */
export function findListeners(port: number, pids: readonly number[] = listPids()): number[] {
  const inodes = listeningInodes(port);
  return inodes.size === 0 ? [] : pids.filter((pid) => holdsOneOf(pid, inodes));
}

function ownsListener(pid: number, port: number): boolean {
  return findListeners(port, [pid]).length > 0;
}

/** Null where there is none. */
export function readPidFile(path: string): string | null {
  try {
    return readFileSync(path, "utf8").slice(0, 4096);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Its first line, as all daemons write it; 0 and 1 are nobody's, and kill(2) takes 0 for a whole group. */
export function parsePid(text: string): number | null {
  const pid = Number(/^\s*(\d{1,9})\s*(\n|$)/.exec(text)?.[1]);
  return pid > 1 ? pid : null;
}

function listeningInodes(port: number): ReadonlySet<string> {
  const rows = ["tcp", "tcp6"].flatMap((table) =>
    parseInternetSockets(readProcessFile(process.pid, `net/${table}`) ?? ""),
  );
  const listening = rows.filter(({ state, localPort }) => state === "LISTEN" && localPort === port);
  return new Set(listening.map(({ inode }) => inode));
}

function holdsOneOf(pid: number, inodes: ReadonlySet<string>): boolean {
  const own = listDescriptors(pid, MOST_DESCRIPTORS) ?? [];
  return own.some(({ link }) => inodes.has(socketInode(link) ?? ""));
}

/** The open descriptors of any process: how many, cheaply, and what each one is. */
import { statSync } from "node:fs";
import { isAbsent, listProcessFolder, readProcessLink } from "./process-files.ts";

/**
 * How many it has open; null when it may not be read, 0 when it has ended. Since Linux 6.2 the folder's own size is the
 * count, for which nothing is opened; `way` is for tests.
 */
export function countDescriptors(pid: number, way: "size" | "listing" = WAY): number | null {
  if (way === "listing") return listProcessFolder(pid, "fd")?.length ?? null;
  try {
    return statSync(`/proc/${pid}/fd`).size;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

const WAY = ownSize() > 0 ? "size" : "listing";

/** Null when the folder may not be listed; one that was closed in the meantime is left out. */
export function listDescriptors(pid: number, most: number): { fd: number; link: string }[] | null {
  const names = listProcessFolder(pid, "fd");
  if (!names) return null;
  const found: { fd: number; link: string }[] = [];
  for (const name of names) {
    if (found.length >= most) break;
    const link = readProcessLink(pid, `fd/${name}`);
    if (link !== null) found.push({ fd: Number(name), link });
  }
  return found;
}

/** The inode in "socket:[4026]", or null of what is no socket. */
export function socketInode(link: string): string | null {
  return /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? null;
}

function ownSize(): number {
  try {
    return statSync("/proc/self/fd").size;
  } catch {
    return 0;
  }
}

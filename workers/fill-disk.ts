/** Writes and syncs a file that has no name any more, so that its space comes back however this thread ends. */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  openSync,
  statfsSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { type Hold, stressor, type Task } from "../lib/stress/stressor.ts";
import { MIB } from "../lib/units.ts";

export type FillMethod = "direct" | "buffered" | "fallocate";

export interface FillDisk extends Task {
  /** Bytes to take; more than there are fills the volume to the last block. */
  readonly amount: number;
  /** A private folder on the volume. */
  readonly folder: string;
  readonly method: FillMethod;
}

/** Large enough for a device to be kept busy, small enough to let go soon. */
const BLOCK_BYTES = 4 * MIB;
/** The smallest block tried before a volume counts as full. */
const LAST_BLOCK_BYTES = 4096;
/** Less than this is written sooner than asked for in a process of its own. */
const LEAST_ALLOCATED_BYTES = 8 * MIB;
const SYNC_EVERY_BYTES = 64 * MIB;
const WASM_PAGE_BYTES = 65_536;

interface File {
  fd: number;
  /** What was granted: a file system without O_DIRECT writes through the page cache. */
  method: FillMethod;
}

/** Part of every runtime, but of no type library without a browser's. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
};

export default stressor(({ amount, folder, method }: FillDisk, hold) => {
  const startedMs = performance.now();
  const file = openNameless(folder, method);
  try {
    const allocatedBytes = method === "fallocate" ? allocate(file.fd, amount, hold) : 0;
    if (method === "fallocate" && allocatedBytes === 0) file.method = "buffered";
    const { writtenBytes, refusedBy } = write(file, { from: allocatedBytes, to: amount }, hold);
    fsyncSync(file.fd);
    const acquiredMs = performance.now() - startedMs;
    hold.untilReleased();
    return { writtenBytes, refusedBy, method: file.method, acquiredMs };
  } finally {
    closeSync(file.fd);
    hold.report(0);
  }
});

function openNameless(folder: string, wanted: FillMethod): File {
  const path = join(folder, `fill-${process.pid}-${performance.now()}`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  try {
    const direct = wanted === "direct" ? constants.O_DIRECT : 0;
    const fd = openSync(path, flags | direct, 0o600);
    unlinkSync(path);
    return { fd, method: wanted };
  } catch (error) {
    // tmpfs before Linux 6.6, and some network file systems (open(2))
    if ((error as NodeJS.ErrnoException).code !== "EINVAL" || wanted !== "direct") throw error;
    unlinkSync(path);
    return openNameless(folder, "buffered");
  }
}

/**
 * Asks for the blocks without writing them, for half as many where they are refused. Answers how many bytes it was given: tmpfs
 * gives all or nothing, and others fill the volume at the same time; what is left is for writing.
 */
function allocate(fd: number, wantedBytes: number, hold: Hold): number {
  let givenBytes = 0;
  let askedBytes = Math.min(wantedBytes, freeBytes(fd));
  while (askedBytes >= LEAST_ALLOCATED_BYTES && !hold.over) {
    const range = ["--offset", String(givenBytes), "--length", String(askedBytes)];
    const command = [...range, "/proc/self/fd/3"];
    const { error } = spawnSync("fallocate", command, { stdio: ["ignore", "ignore", "ignore", fd] });
    if (error) throw new Error(`Cannot run fallocate: ${error.message}`);
    const refused = fstatSync(fd).blocks * 512 < givenBytes + askedBytes;
    givenBytes = Math.min(wantedBytes, fstatSync(fd).blocks * 512);
    hold.report(givenBytes);
    const nextBytes = refused ? Math.floor(askedBytes / 2) : askedBytes;
    askedBytes = Math.min(nextBytes, wantedBytes - givenBytes, freeBytes(fd));
  }
  return givenBytes;
}

function freeBytes(fd: number): number {
  const { bavail, bsize } = statfsSync(`/proc/self/fd/${fd}`);
  return bavail * bsize;
}

function write(file: File, { from, to }: { from: number; to: number }, hold: Hold) {
  const block = alignedBlock();
  let writtenBytes = from;
  let syncedBytes = from;
  let blockBytes = BLOCK_BYTES;
  let refusedBy: string | null = null;
  while (writtenBytes < to && refusedBy === null && !hold.over) {
    try {
      // O_DIRECT takes whole blocks only, so the last one may go past what was asked by less than 4 KiB
      const wanted = Math.ceil(Math.min(blockBytes, to - writtenBytes) / LAST_BLOCK_BYTES) * LAST_BLOCK_BYTES;
      writtenBytes += writeSync(file.fd, block, 0, wanted, writtenBytes);
      hold.report(writtenBytes);
      if (file.method === "buffered" && writtenBytes - syncedBytes >= SYNC_EVERY_BYTES) {
        fdatasyncSync(file.fd);
        syncedBytes = writtenBytes;
      }
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (code === "EINVAL" && file.method === "direct") {
        goBuffered(file);
        continue;
      }
      if (code !== "ENOSPC" && code !== "EDQUOT") throw error;
      if (blockBytes > LAST_BLOCK_BYTES) blockBytes /= 2;
      else refusedBy = code;
    }
  }
  return { writtenBytes, refusedBy };
}

/** FUSE, NFS and sectors above 4 KiB can grant O_DIRECT and refuse the write (open(2)): the same file, opened without it. */
function goBuffered(file: File): void {
  const fd = openSync(`/proc/self/fd/${file.fd}`, constants.O_WRONLY);
  closeSync(file.fd);
  file.fd = fd;
  file.method = "buffered";
}

/** WebAssembly memory starts on a page, which O_DIRECT needs and no Buffer promises. Not zeros: some devices skip those. */
function alignedBlock(): Buffer {
  const memory = new WebAssembly.Memory({ initial: BLOCK_BYTES / WASM_PAGE_BYTES });
  return Buffer.from(memory.buffer).fill(0xa5);
}

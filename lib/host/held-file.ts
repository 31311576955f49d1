/** A /proc or /sys file opened once and read again and again: no descriptor is needed while none can be had. */
import { closeSync, openSync, readSync } from "node:fs";

export interface HeldFile {
  /** The file's text now. Throws what read(2) failed with, ENODEV of a vanished cgroup for one. */
  read(): string;
  close(): void;
}

/** Shared by all held files: each read is parsed before the next. /proc/stat of 256 cores is 40 KiB. */
const scratch = Buffer.allocUnsafeSlow(128 * 1024);

export function openHeldFile(path: string): HeldFile {
  const fd = openSync(path, "r");
  return {
    read: () => scratch.toString("latin1", 0, readSync(fd, scratch, 0, scratch.length, 0)),
    close: () => closeSync(fd),
  };
}

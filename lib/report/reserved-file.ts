/** A file whose space is taken before it is needed: it can be written when the disk is full and no descriptor is left. */
import { closeSync, fsyncSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

const ZEROS = Buffer.alloc(64 * 1024);

/**
 * Really written zeros, later overwritten in place: that cannot fail for want of space on ext4, xfs and tmpfs. On
 * copy-on-write file systems (btrfs, zfs) an overwrite needs new blocks, and nothing can be promised.
 */
export class ReservedFile {
  readonly path: string;
  readonly #fd: number;
  #length = 0;

  constructor(path: string, reservedBytes: number) {
    this.path = path;
    this.#fd = openSync(path, "wx", 0o644);
    try {
      // write(2) may take less than it is given on a disk that is almost full
      for (let at = 0; at < reservedBytes; ) {
        at += writeSync(this.#fd, ZEROS, 0, Math.min(ZEROS.length, reservedBytes - at), at);
      }
    } catch (error) {
      closeSync(this.#fd);
      rmSync(path);
      throw error;
    }
  }

  /** Adds text at the end of what was written so far. Throws ENOSPC past the reserve on a full disk, and then adds nothing. */
  append(text: string): void {
    const bytes = Buffer.from(text);
    let written = 0;
    while (written < bytes.length) {
      written += writeSync(this.#fd, bytes, written, bytes.length - written, this.#length + written);
    }
    this.#length += bytes.length;
  }

  /** Gives it up: nothing of it is left. */
  discard(): void {
    closeSync(this.#fd);
    rmSync(this.path, { force: true });
  }

  /** Cuts off what was reserved in vain, makes it durable, and gives the file its final name. */
  finish(finalPath: string = this.path): void {
    ftruncateSync(this.#fd, this.#length);
    fsyncSync(this.#fd);
    closeSync(this.#fd);
    if (finalPath !== this.path) renameSync(this.path, finalPath);
  }
}

/**
 * What a command writes to. Node gives its children sockets for that, and a program that opens /dev/stdout itself, as
 * servers in containers are told to, cannot open a socket (ENXIO): so it is a pipe with a name, for a moment.
 */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, constants, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";

export interface OutputPipe {
  /** For the child; closed by `handOver` in this process. */
  readonly writeEnd: number;
  /** Call it when the child has been started, or could not be. */
  handOver(): Readable;
}

/** One for both outputs, so that their lines stay in order. Null where there is no mkfifo, and on Deno, whose children have real pipes. */
export async function openOutputPipe(folder: string): Promise<OutputPipe | null> {
  if (process.platform !== "linux" || "deno" in process.versions) return null;
  const path = join(folder, `output-${randomBytes(4).toString("hex")}`);
  try {
    await promisify(execFile)("mkfifo", ["-m", "600", path]);
  } catch {
    return null;
  }
  try {
    // without waiting for a writer; the writer then finds a reader, and waits for none
    const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writeEnd = openSync(path, constants.O_WRONLY);
    return {
      writeEnd,
      handOver() {
        closeSync(writeEnd);
        return new Socket({ fd: readEnd, readable: true, writable: false });
      },
    };
  } finally {
    rmSync(path);
  }
}

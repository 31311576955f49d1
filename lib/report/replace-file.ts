/** Writes a file so that a reader sees the old one or the new one, never a part. */
import { lstatSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** What a link leads to is replaced, not the link; a device or a pipe is written to as it is. */
export function replaceFile(path: string, text: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there?.isSymbolicLink()) replaceFile(realpathSync(path), text);
  else if (there && !there.isFile()) writeFileSync(path, text);
  else replaceWhole(path, text);
}

function replaceWhole(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

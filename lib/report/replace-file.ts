/** Writes a file so that a reader sees the old one or the new one, never a part. */
import { renameSync, writeFileSync } from "node:fs";

export function replaceFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}

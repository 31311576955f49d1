/** Small files of the kernel, which may not be there or not be ours to read. */
import { readFileSync } from "node:fs";

/** The whole text, or null where it cannot be read. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

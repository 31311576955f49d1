/** Whether a folder can really be written to. */
import { mkdtempSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { TEMPORARY_PREFIX } from "./temporary-name.ts";

/** Why not, as an errno; null when it can. Tried, because access(2) answers wrongly on Deno for a read-only volume. */
export function refuseWriting(folder: string): string | null {
  try {
    rmdirSync(mkdtempSync(join(folder, TEMPORARY_PREFIX)));
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** The programs that carry out modules of each system, and why one cannot be had here. */
import { onPath } from "./collector.ts";
import type { ModuleSystem } from "./import-rings.ts";

/** The command before the file's name. */
export type Command = readonly [string, ...string[]];

/** The runtime that runs this, for JavaScript; `python3` on the PATH for Python. */
export function commandFor(
  system: ModuleSystem,
): { readonly command: Command } | { readonly missing: string } {
  if (system !== "python")
    return { command: "deno" in process.versions ? [process.execPath, "run", "-A"] : [process.execPath] };
  const python = onPath("python3");
  return python === null ? { missing: "python3 is not on the PATH" } : { command: [python, "-B"] };
}

/** The programs that carry out modules of each system, and why one cannot be had here. */
import { spawnSync } from "node:child_process";
import type { ModuleSystem } from "./import-rings.ts";

/** The command before the file's name. */
export type Command = readonly [string, ...string[]];

/** The runtime that runs this, for JavaScript; `python3` on the PATH for Python. */
export function commandFor(
  system: ModuleSystem,
): { readonly command: Command } | { readonly missing: string } {
  if (system !== "python")
    return { command: "deno" in process.versions ? [process.execPath, "run", "-A"] : [process.execPath] };
  const { status, error } = spawnSync("python3", ["--version"], { stdio: "ignore" });
  if (status === 0) return { command: ["python3", "-B"] };
  return { missing: `python3 is not installed (${error ? (error as NodeJS.ErrnoException).code : status})` };
}

/** How to start another of our files with the runtime that runs this one. */
import { fileURLToPath } from "node:url";

/** The program and its first arguments, for spawn without a shell. */
export function runtimeCommand(file: URL): { command: string; args: string[] } {
  const path = fileURLToPath(file);
  if ("deno" in process.versions) return { command: process.execPath, args: ["run", "-A", path] };
  // --import of the TypeScript loader on Node 20
  return { command: process.execPath, args: [...process.execArgv, path] };
}

/** Which system a module of JavaScript is written for, as Node decides it: by its name, or by the nearest package.json. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** `path`: absolute. Source: Node's documentation, "Determining module system". */
export function moduleSystemOf(path: string): "cjs" | "esm" {
  if (path.endsWith(".mjs")) return "esm";
  if (path.endsWith(".cjs")) return "cjs";
  return nearestType(dirname(path)) === "module" ? "esm" : "cjs";
}

/** A package that cannot be read has none: Node itself says what is wrong with it. */
function nearestType(folder: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).type;
  } catch (error) {
    const isHere = (error as NodeJS.ErrnoException).code !== "ENOENT";
    return isHere || folder === dirname(folder) ? undefined : nearestType(dirname(folder));
  }
}

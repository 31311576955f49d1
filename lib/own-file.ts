/** Files of ours that are started by their path, not imported: TypeScript in this repository, JavaScript in the package built of it. */

const EXTENSION = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

/** `path`: from the root, without its extension: "targets/hub". */
export function ownFile(path: string): URL {
  return new URL(`../${path}${EXTENSION}`, import.meta.url);
}

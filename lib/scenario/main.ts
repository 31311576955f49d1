/** Runs a scenario when its file is the program, and does nothing when it is imported: listing scenarios is free. */
import { existsSync, realpathSync } from "node:fs";
import { parse } from "node:path";
import { fileURLToPath } from "node:url";
import { ownFile } from "../own-file.ts";
import { EXIT } from "../report/verdict.ts";
import type { Options } from "./option.ts";
import type { Scenario } from "./scenario.ts";

/** Call it last, with `import.meta`. Ends the process with the verdict's exit code. */
export async function main<O extends Options, E>(meta: ImportMeta, scenario: Scenario<O, E>): Promise<void> {
  if (!isProgram(meta)) return;
  const { runCommand } = await import("./command.ts");
  const file = fileURLToPath(meta.url);
  const { name } = parse(file);
  const workerFile = (worker: string) => findWorker(worker, meta.url);
  const code = await runCommand({ name, file, scenario, workerFile, words: process.argv.slice(2) }).catch(
    (error: unknown) => {
      console.error("Proofload itself failed:", error);
      return EXIT.error;
    },
  );
  // whatever is still open now has no say in when the process ends
  process.exit(code);
}

/** Beside the scenario, in a folder `workers` there or beside its own; else one of ours. */
function findWorker(worker: string, scenario: string): URL {
  const places = ["../workers/", "./workers/", "./"].flatMap((folder) =>
    [".ts", ".js", ".mjs"].map((extension) => new URL(`${folder}${worker}${extension}`, scenario)),
  );
  return places.find((place) => existsSync(place)) ?? ownFile(`workers/${worker}`);
}

/** `import.meta.main` is undefined on Node 20, and a symlink is not the file: so real paths are compared. */
export function isProgram(meta: ImportMeta): boolean {
  const [, program] = process.argv;
  return program !== undefined && realpathSync(program) === realpathSync(fileURLToPath(meta.url));
}

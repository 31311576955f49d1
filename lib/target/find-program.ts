/** Where a command's program is, so that a start that must fail is told in words before it is tried. */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

/** What was expected and what there is instead, in words; null where the program can be started. */
export function refuseProgram(word: string, directory: string, path: string): string | null {
  if (word.includes("/")) return refuseFile(resolve(directory, word));
  const reasons = path.split(delimiter).map((folder) => refuseFile(join(folder || directory, word)));
  if (reasons.includes(null)) return null;
  return reasons.find((reason) => reason?.includes("EACCES")) ?? `expected ${word} on PATH, got none there`;
}

/** The same for the folder that the program is to work in. */
export function refuseDirectory(directory: string): string | null {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return null;
  return `expected a folder ${directory} to start it in, got none`;
}

function refuseFile(path: string): string | null {
  try {
    if (!statSync(path).isFile()) return `expected ${path} to be a program, got a folder`;
    accessSync(path, constants.X_OK);
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES") return `expected ${path} to be executable, got EACCES`;
    return `expected a program ${path}, got none`;
  }
}

/** Whether what a test needs of Debian is here. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

export const PYTHON = "/usr/bin/python3";

/** Null where the program is, else what is missing: as its package puts it, which may be where only root looks. */
export function lookFor(program: string): string | null {
  const there = [`/usr/bin/${program}`, `/usr/sbin/${program}`, `/usr/local/bin/${program}`].some(existsSync);
  return there ? null : `${program} is not installed`;
}

/** The same of a module of Debian's Python. */
export function lookForModule(name: string): string | null {
  try {
    execFileSync(PYTHON, ["-c", `import ${name}`], { stdio: "ignore" });
    return null;
  } catch {
    return `${PYTHON} has no ${name}`;
  }
}

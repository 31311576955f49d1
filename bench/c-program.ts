/** A peer in C beside this file: compiled into the bench's folder, and asked how many seconds its work took. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Workbench } from "./workbench.ts";

export interface CProgram {
  /** Why it cannot be a peer here. */
  readonly missing: string | null;
  /** Answers the seconds that it printed. */
  run(...words: readonly (string | number)[]): Promise<number>;
}

export function compile(name: string, bench: Workbench): CProgram {
  const source = fileURLToPath(new URL(`./${name}.c`, import.meta.url));
  const program = join(bench.folder, name);
  const { error, status, stderr } = spawnSync("cc", ["-O2", "-pthread", "-o", program, source], {
    encoding: "utf8",
  });
  const missing = error ? "no C compiler (Debian package gcc)" : status === 0 ? null : `cc: ${stderr.trim()}`;
  return {
    missing,
    run: async (...words) => Number((await bench.run(program, words.map(String))).output),
  };
}

/** Whom the kernel kills first when memory runs out: this process, and not a server that it has started (proc(5), oom_score_adj). */
import { readFileSync, writeFileSync } from "node:fs";

const path = (pid: number | "self") => `/proc/${pid}/oom_score_adj`;

/** Before this process volunteered; null where it did not. Children inherit what it is when they are started. */
let before: string | null = null;

/** Raising needs no privilege. Null: not granted, or not on Linux. */
export function volunteerAsVictim(): number | null {
  try {
    const was = readFileSync(path("self"), "utf8").trim();
    writeFileSync(path("self"), "1000");
    before ??= was;
    return 1000;
  } catch {
    return null;
  }
}

/**
 * Gives a child what this process had before it volunteered: lowering it to that needs no privilege either. Call it as soon as
 * the child is there: what it starts inherits it.
 */
export function spareFromOom(pid: number): void {
  if (before === null) return;
  try {
    writeFileSync(path(pid), before);
  } catch {
    // it has ended, or that much was not granted: it runs all the same
  }
}

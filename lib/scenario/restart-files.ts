/** The files of a server that is restarted: what it left in its folder, and the lock that the next start must not believe. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { TargetSpec } from "../target/spec.ts";

/** Lock and pid files. What was put there for it is not its own. */
export function listLeftFiles(dir: string, spec: TargetSpec | null): string[] {
  return readdirSync(dir).filter((name) => /\.(lock|pid)$/.test(name) && !(name in (spec?.files ?? {})));
}

const lockSchema = z.looseObject({ pid: z.int() });

/** The kernel gives a pid anew sooner or later: here, at once, to us. */
export function givePidToTheLiving(dir: string): void {
  const path = join(dir, "hub.lock");
  if (!existsSync(path)) return;
  const lock = lockSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  writeFileSync(path, JSON.stringify({ ...lock, pid: process.pid }));
}

/** What the hub wrote when it stopped, once. */
export function takeFinalState(dir: string): unknown {
  const path = join(dir, "hub.state.json");
  if (!existsSync(path)) return "it wrote none";
  const state = JSON.parse(readFileSync(path, "utf8"));
  rmSync(path);
  return state;
}

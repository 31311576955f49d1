/**
 * The lock file: one hub per folder. A lock is held by a process, not by a file: one whose holder is gone, or whose pid
 * belongs to another process by now, is taken over, and of any number that try at the same time exactly one succeeds.
 *
 * How: a lock is linked into place whole (link(2) refuses when there is one). A stale lock is replaced only by the
 * holder of the *claim* on it, a file named for the stale lock's content and linked in the same way; a claim of a
 * process that died is itself claimed. Whoever got a claim looks again whether the lock is still the one claimed: as
 * nobody else may replace it, it stays so until the rename. No step waits, and no file needs a clean-up to be right.
 */
import { createHash, randomUUID } from "node:crypto";
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isAlive, readProcess } from "./processes.ts";

export interface Lock {
  /** Removes the lock file, if it is still ours. */
  free(): void;
  /** Says in the lock file that its holder crashed, for the fault that keeps it. */
  keepAfterCrash(): void;
}

const holderSchema = z.object({
  pid: z.number().int().positive(),
  startTicks: z.number().nullable().default(null),
  nonce: z.string().max(100).optional(),
  crashed: z.boolean().optional(),
});
type Holder = z.output<typeof holderSchema>;

/** Whether whom a lock names still holds it. */
type Belief = (holder: Holder) => boolean;
export const believeTheLiving: Belief = ({ pid, startTicks }) => isAlive(pid, startTicks);

/** Takes `dir/hub.lock`, or says which pid holds it. */
export function takeLock(
  dir: string,
  believe: Belief = believeTheLiving,
): Lock | { readonly heldBy: number } {
  const path = join(dir, "hub.lock");
  const self = {
    pid: process.pid,
    startTicks: readProcess(process.pid)?.startTicks ?? null,
    nonce: randomUUID(),
  };
  const text = `${JSON.stringify(self)}\n`;
  const draft = `${path}.draft.${self.pid}.${self.nonce}`;
  writeFileSync(draft, text, { flag: "wx", mode: 0o600 });
  try {
    // each turn lost means that another one moved on, so this ends; the bound is for a folder that plays tricks
    for (let turn = 0; turn < 1000; turn++) {
      if (tryLink(draft, path)) return held(path, text);
      const stale = readText(path);
      if (stale === null) continue;
      const end = followClaims(path, stale, believe);
      if ("heldBy" in end) return end;
      if (!tryLink(draft, end.claim)) continue;
      const replaced = readText(path) === stale;
      if (replaced) renameSync(draft, path);
      for (const claim of replaced ? end.claims : [end.claim]) rmSync(claim, { force: true });
      if (replaced) return held(path, text);
    }
  } finally {
    rmSync(draft, { force: true });
    removeLitter(dir);
  }
  throw new Error(`Cannot take ${path}: expected a turn within 1000 tries`);
}

function held(path: string, text: string): Lock {
  return {
    free: () => {
      if (readText(path) === text) rmSync(path, { force: true });
    },
    keepAfterCrash: () => renameOver(path, `${JSON.stringify({ ...JSON.parse(text), crashed: true })}\n`),
  };
}

/** From a lock along the claims on it to one who lives, or to the first claim that nobody has made. */
function followClaims(
  path: string,
  lockText: string,
  believe: Belief,
): { readonly heldBy: number } | { readonly claim: string; readonly claims: readonly string[] } {
  const claims: string[] = [];
  for (let text: string | null = lockText; text !== null; ) {
    const holder = parseHolder(text);
    if (holder && (text === lockText ? believe : believeTheLiving)(holder)) return { heldBy: holder.pid };
    const claim: string = `${path}.claim.${createHash("sha256").update(text).digest("hex").slice(0, 32)}`;
    claims.push(claim);
    text = claims.length < 100 ? readText(claim) : null;
  }
  return { claim: claims.at(-1) ?? "", claims };
}

function renameOver(path: string, text: string): void {
  const draft = `${path}.draft.${process.pid}.${randomUUID()}`;
  writeFileSync(draft, text, { flag: "wx", mode: 0o600 });
  renameSync(draft, path);
}

/** Drafts and claims of processes that were killed on the way. Their names or their text tell whose they are. */
function removeLitter(dir: string): void {
  for (const name of readdirSync(dir)) {
    if (!/^hub\.lock\.(draft|claim)\./.test(name)) continue;
    const holder = parseHolder(readText(join(dir, name)) ?? "");
    const ours = holder?.pid === process.pid && name.startsWith("hub.lock.draft.");
    if (holder && !ours && !believeTheLiving(holder) && !isOnChain(dir, name))
      rmSync(join(dir, name), { force: true });
  }
}

/** A claim on the lock that is there now may carry others: only who takes the lock over removes those. */
function isOnChain(dir: string, name: string): boolean {
  const path = join(dir, "hub.lock");
  const text = readText(path);
  if (text === null) return false;
  const end = followClaims(path, text, () => false);
  return "heldBy" in end || end.claims.includes(join(dir, name));
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Null when there is no such file; of a file that is no lock of ours only the beginning matters. */
function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8").slice(0, 4096);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Null for what names no holder: such a lock is nobody's. */
function parseHolder(text: string): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

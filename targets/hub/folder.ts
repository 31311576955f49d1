/** The hub's folder: lock, pid file, state file, private to their user. */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hub } from "./core.ts";
import { believeTheLiving, takeLock } from "./lock.ts";
import { hasPid } from "./processes.ts";
import { collectStats } from "./stats.ts";

const PID_FILE_LATE_MS = 300;

export interface Folder {
  readonly path: string;
  /** How many starts there were before this one. */
  readonly earlierStarts: number;
  writeState(hub: Hub): void;
  /** It listens now. */
  listening(hub: Hub): void;
  /** After a clean stop. */
  leave(hub: Hub): void;
  /** After an exception: nothing here may keep the next hub from starting. */
  leaveCrashed(hub: Hub): void;
}

/** Takes the folder's lock, or says which pid has it. Without `--dir` the folder is a fresh one, removed at the end. */
export function enterFolder({ settings, has }: Hub): Folder | { readonly heldBy: number } {
  const path = settings.dir ?? mkdtempSync(join(tmpdir(), "hub-"));
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const lock = takeLock(path, beliefOf(has));
  if ("heldBy" in lock && !has("both-win")) return lock;
  const writePid = () =>
    writePrivately(join(path, "hub.pid"), `${has("pid-file-of-parent") ? process.ppid : process.pid}\n`);
  if (!has("pid-file-after-listening")) writePid();
  const leave = (hub: Hub, lockStays: boolean) => {
    writeState(path, hub);
    if (!has("pid-file-left")) rmSync(join(path, "hub.pid"), { force: true });
    // last: from here on another hub may enter
    if (!lockStays && !("heldBy" in lock)) lock.free();
    if (settings.dir === undefined && !lockStays) rmSync(path, { recursive: true, force: true });
  };
  return {
    path,
    earlierStarts: has("slower-every-start") ? countStart(path) : 0,
    writeState: (hub) => writeState(path, hub),
    listening(hub) {
      if (has("pid-file-after-listening")) hub.timers.after(PID_FILE_LATE_MS, writePid);
      writeState(path, hub);
    },
    leave: (hub) => leave(hub, has("lock-left")),
    leaveCrashed(hub) {
      leave(hub, has("lock-kept-on-crash"));
      if (has("lock-kept-on-crash") && !("heldBy" in lock)) lock.keepAfterCrash();
    },
  };
}

/** Whom the lock is believed: the process that wrote it, while it lives. The faults believe more. */
function beliefOf(has: Hub["has"]): Parameters<typeof takeLock>[1] {
  if (has("dead-pid-believed")) return () => true;
  if (has("reused-pid-believed")) return ({ pid }) => hasPid(pid);
  if (has("lock-kept-on-crash")) return (holder) => holder.crashed === true || believeTheLiving(holder);
  return believeTheLiving;
}

function writeState(path: string, hub: Hub): void {
  const shown = hub.state === "idle" && hub.has("state-not-idle") ? "stopping" : hub.state;
  const text = JSON.stringify({
    ...collectStats(hub),
    state: shown,
    pid: process.pid,
    at: new Date().toISOString(),
  });
  writePrivately(join(path, "hub.state.json"), `${text}\n`);
}

/** Whole or not at all, for its user alone. */
function writePrivately(path: string, text: string): void {
  const draft = `${path}.draft`;
  rmSync(draft, { force: true });
  writeFileSync(draft, text, { flag: "wx", mode: 0o600 });
  renameSync(draft, path);
}

function countStart(path: string): number {
  const file = join(path, "hub.starts");
  const earlier = attemptRead(file);
  writePrivately(file, String(earlier + 1));
  return earlier;
}

function attemptRead(file: string): number {
  try {
    return Number(readFileSync(file, "utf8")) || 0;
  } catch {
    return 0;
  }
}

/** Watches a daemon's pid file while it lives: whenever the daemon listens, the file has to name who does. */
import { findListeners, parsePid, readPidFile } from "../target/daemon-status.ts";

export interface PidFileWatch {
  /** From now on nothing is looked at: what was amiss, each kind once. */
  end(): readonly string[];
}

export interface WatchedDaemon {
  readonly path: string;
  readonly port: number;
  /** Of the daemon and its children, now. */
  readonly pids: () => readonly number[];
}

/** Often enough to see a file that comes a moment after the listener. */
const LOOK_MS = 10;

export function watchPidFile(daemon: WatchedDaemon): PidFileWatch {
  const amiss = new Set<string>();
  const look = () => {
    const wrong = describeMoment(daemon);
    if (wrong !== null) amiss.add(wrong);
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    end() {
      clearInterval(timer);
      return [...amiss];
    },
  };
}

/** Looks at the listener before and after: one that has just closed may have taken its file away already. */
function describeMoment({ path, port, pids }: WatchedDaemon): string | null {
  const own = pids();
  if (findListeners(port, own).length === 0) return null;
  const text = readPidFile(path);
  const listeners = findListeners(port, own);
  if (listeners.length === 0) return null;
  if (text === null) return "it listened, and there was no pid file";
  const pid = parsePid(text);
  return pid !== null && listeners.includes(pid)
    ? null
    : `it listened, and the pid file named ${pid ?? "nobody"}, not ${listeners.join(" or ")}`;
}

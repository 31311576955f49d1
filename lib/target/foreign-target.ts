/** A target that somebody else started: watched, asked and loaded, but never signalled and never ended. */
import { setTimeout as delay } from "node:timers/promises";
import { identifyProcess, isRunning, type ProcessIdentity } from "../host/process-identity.ts";
import { hasEnded, readProcessStat } from "./process-files.ts";
import { descendants } from "./process-tree.ts";
import { awaitReady, describeCheck, readyCheck } from "./readiness.ts";
import { fillSpec, type TargetSpec } from "./spec.ts";
import { type Target, type TargetEnd, TargetError } from "./target.ts";

/** Node has no pidfd_open(2), so nobody tells when a foreign process ends. */
const BETWEEN_LOOKS_MS = 100;

interface FindSettings {
  readonly spec: TargetSpec;
  readonly dir: string;
  readonly port?: number;
  readonly readyWithinMs: number;
  readonly signal: AbortSignal;
}

/** Finds it, and waits until it is ready. Rejects with a TargetError where it is not there. */
export async function findTarget(settings: FindSettings): Promise<Target> {
  const port = settings.port ?? null;
  const spec = fillSpec(settings.spec, { port, dir: settings.dir });
  const { name, pid, url } = spec;
  if (pid === null && url === null)
    throw new TargetError("Cannot find a target: expected a command, a pid or a URL, got none of them");
  if (url?.includes("{port}"))
    throw new TargetError(`Cannot reach ${name}: expected a port, got {port}, which only a command is given`);
  const watched = pid === null ? watchNobody() : watchProcess(pid);
  if (!watched) throw new TargetError(`Cannot watch ${name}: expected a process that runs, got none`);
  const check = readyCheck(spec);
  const sinceMs = performance.now();
  const { readyWithinMs: withinMs, signal } = settings;
  let readyAfterMs = 0;
  // without anything to ask, there is nothing to wait for: it lives already
  if (check && check.kind !== "output") {
    const readiness = await awaitReady({
      check,
      output: null,
      ended: watched.ended,
      sinceMs,
      withinMs,
      signal,
    });
    if (readiness.kind !== "ready") {
      const got = readiness.kind === "ended" ? "its end" : (readiness.lastFailure ?? "none");
      throw new TargetError(
        `Cannot reach ${name}: expected ${describeCheck(check)} within ${withinMs} ms, got ${got}`,
      );
    }
    readyAfterMs = readiness.afterMs;
  }
  const refuse = (what: string): never => {
    throw new Error(
      `Cannot ${what} ${name}: expected a target that Proofload started, got one that ran before`,
    );
  };
  return {
    name,
    pid,
    port,
    url,
    spec,
    readyAfterMs,
    get alive() {
      return watched.end === null;
    },
    get end() {
      return watched.end;
    },
    ended: watched.ended,
    lastLines: () => [],
    output: null,
    pids: watched.pids,
    probePath: null,
    stop: async () => {
      watched.close();
      return { end: watched.end, tookMs: 0, forced: false, left: [] };
    },
    kill: async () => refuse("kill"),
    send: () => refuse("signal"),
  };
}

interface Watched {
  readonly end: TargetEnd | null;
  readonly ended: Promise<TargetEnd>;
  pids(): number[];
  close(): void;
}

function watchNobody(): Watched {
  return { end: null, ended: new Promise(() => {}), pids: () => [], close() {} };
}

/** Known by its start time: its pid may be given to somebody else. Null where no such process runs. */
function watchProcess(pid: number): Watched | null {
  const identity = identifyProcess(pid);
  if (isRunning(identity) !== true) return null;
  const over = new AbortController();
  let end: TargetEnd | null = null;
  const look = () => {
    if (end === null && hasGone(identity)) end = { exitCode: null, signal: null, atMs: performance.now() };
    return end;
  };
  const ended = new Promise<TargetEnd>((resolve) => {
    void (async () => {
      while (!over.signal.aborted) {
        const seen = look();
        if (seen) return resolve(seen);
        await delay(BETWEEN_LOOKS_MS, null, { signal: over.signal }).catch(() => {});
      }
    })();
  });
  return {
    get end() {
      return look();
    },
    ended,
    pids: () => (look() === null ? descendants(pid, identity.startTicks ?? undefined) : []),
    close: () => over.abort(),
  };
}

/** While no descriptor is left to look with, not even a spare one, nobody can tell. */
function hasGone(identity: ProcessIdentity): boolean {
  if (process.platform !== "linux") return isRunning(identity) === false;
  try {
    const stat = readProcessStat(identity.pid);
    return stat === null || hasEnded(stat) || stat.startTicks !== identity.startTicks;
  } catch {
    return false;
  }
}

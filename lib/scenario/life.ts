/** One life of a daemon, from one start to one end: what was right at every moment of it, and what it left. */
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { findListeners, readDaemonStatus } from "../target/daemon-status.ts";
import { listPids, readProcessStat } from "../target/process-files.ts";
import { describeProcess } from "../target/process-tree.ts";
import { describeEnd, type Target, TargetError } from "../target/target.ts";
import { describeStop } from "./clean-stop.ts";
import { type ContestSettings, oneEnds, race, startSecond } from "./contest.ts";
import { watchPidFile } from "./pid-file-watch.ts";
import { givePidToTheLiving, listLeftFiles } from "./restart-files.ts";
import { connectWitnesses, type Testimony } from "./witnesses.ts";

export type LifeName =
  | "alone"
  | "second-start"
  | "two-at-once"
  | "killed"
  | "stale-pid"
  | "reused-pid"
  | "port-taken"
  | "sighup";

export interface LifePlan {
  readonly name: LifeName;
  readonly endBy: "SIGTERM" | "SIGINT" | "SIGKILL";
}

/** What SIGHUP is declared to do. */
type Sighup = "reload" | "stop";

export interface LifeRecord extends LifePlan {
  readonly startError: string | null;
  readonly contestError: string | null;
  /** Why the pid in its file was not the daemon's when it was up; null where it was, or has no pid file. */
  readonly statusError: string | null;
  /** What was amiss with its pid file at any moment. */
  readonly pidFileErrors: readonly string[];
  /** Where it listened. */
  readonly port: number | null;
  /** Why SIGHUP did not do what was declared; null where it did, and where none was sent. */
  readonly sighupError: string | null;
  /** Null where it was killed. */
  readonly stopTookMs: number | null;
  readonly stopError: string | null;
  /** Who was connected at the stop, and how that ended; null where it was killed. */
  readonly clients: Testimony | null;
  /** While it was up. */
  readonly zombies: readonly string[];
  /** Children that outlived a stop; who held its port afterwards. */
  readonly left: readonly string[];
  readonly holders: readonly string[];
  /** Lock and pid files after a stop. */
  readonly leftFiles: readonly string[];
  /** Its last words were not those that were declared; null where they were, or none are. */
  readonly outputError: string | null;
}

export interface LifeSettings extends ContestSettings {
  /** A path with {dir}, filled in; null: it has none. */
  readonly pidFile: string | null;
  /** What it may listen on: the first that is free. [port, port] of one that knows only one. */
  readonly ports: readonly [from: number, to: number];
  readonly sighup: Sighup | null;
  /** What its last line has to match; null: nobody knows. */
  readonly lastLine: RegExp | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** For children to end with their parent, also by the kernel's hand. */
const ORPHANS_WITHIN_MS = 1000;
const LOOK_MS = 20;
/** For what SIGHUP does: to go on is seen after a while only. */
const SIGHUP_MS = 300;

const NOTHING = {
  ...{ startError: null, contestError: null, statusError: null, pidFileErrors: [], port: null },
  ...{ sighupError: null, stopTookMs: null, stopError: null, clients: null, zombies: [], left: [] },
  ...{ holders: [], leftFiles: [], outputError: null },
};

export async function liveOnce(plan: LifePlan, settings: LifeSettings): Promise<LifeRecord> {
  const { dir, pidFile, ports } = settings;
  if (plan.name === "reused-pid") reusePid(dir, pidFile);
  const squatter = plan.name === "port-taken" ? await takePort(ports[0]) : null;
  try {
    const { winner, contestError } =
      plan.name === "two-at-once"
        ? await race(settings)
        : { winner: await start(settings), contestError: null };
    return await follow(plan, winner, contestError, settings);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return { ...plan, ...NOTHING, startError: error.message };
  } finally {
    squatter?.close();
  }
}

function start({ target, dir, port }: LifeSettings): Promise<Target> {
  // with the first port taken, who answers there is not it
  return target.launch({ dir, port, portMayBeTaken: true });
}

async function follow(
  plan: LifePlan,
  winner: Target,
  raceError: string | null,
  settings: LifeSettings,
): Promise<LifeRecord> {
  const { pidFile, target } = settings;
  const port = findPort(winner, settings);
  const watch =
    pidFile === null || port === null ? null : watchPidFile({ path: pidFile, port, pids: winner.pids });
  const status = pidFile === null || port === null ? null : readDaemonStatus(pidFile, port);
  const refused = plan.name === "second-start" ? await startSecond(settings) : null;
  const sighupError = plan.name === "sighup" ? await hangUp(winner, settings) : null;
  const url = winner.url?.replace(`:${settings.port}`, `:${port}`) ?? null;
  const witnesses =
    plan.endBy === "SIGKILL" || url === null || !winner.alive
      ? null
      : await connectWitnesses(url, settings.headers);
  const zombies = listZombies(winner.pids());
  // its children may listen on when it is killed: that is no fault of the file's
  if (plan.endBy === "SIGKILL") watch?.end();
  const ended = await end(winner, plan, settings);
  const pidFileErrors = watch?.end() ?? [];
  const clients = (await witnesses?.tell()) ?? null;
  const holders = port === null ? [] : await awaitOrphans(port, winner);
  const { left } = await winner.stop(settings.stopWithinMs);
  return {
    ...{ ...plan, ...NOTHING, ...ended, pidFileErrors, port, zombies, holders, sighupError },
    contestError: raceError ?? refused,
    statusError: status === null || status.kind === "running" ? null : describeStatus(status),
    clients,
    left: plan.endBy === "SIGKILL" ? [] : left,
    leftFiles: plan.endBy === "SIGKILL" ? [] : listLeftFiles(settings.dir, target.spec),
    outputError: plan.endBy === "SIGKILL" ? null : describeOutput(winner, settings.lastLine),
  };
}

function describeStatus(status: Exclude<ReturnType<typeof readDaemonStatus>, { kind: "running" }>): string {
  return status.kind === "stopped" ? "when it was up, there was no pid file" : status.why;
}

/** The one of its ports that it has; null where it listens on none. */
function findPort(winner: Target, { ports: [from, to] }: LifeSettings): number | null {
  const own = winner.pids();
  for (let port = from; port <= to; port++) if (findListeners(port, own).length > 0) return port;
  return null;
}

/** Null where somebody else has it already. */
async function takePort(port: number): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy());
  server.listen(port, "127.0.0.1");
  return once(server, "listening").then(
    () => server,
    () => null,
  );
}

/** The kernel gives a pid anew sooner or later: here, at once, to us. */
function reusePid(dir: string, pidFile: string | null): void {
  givePidToTheLiving(dir);
  if (pidFile !== null && existsSync(pidFile)) writeFileSync(pidFile, `${process.pid}\n`);
}

async function hangUp(winner: Target, settings: LifeSettings): Promise<string | null> {
  const { sighup, stopWithinMs, target } = settings;
  const startedMs = performance.now();
  winner.send("SIGHUP");
  await oneEnds([winner], sighup === "stop" ? stopWithinMs : SIGHUP_MS);
  const tookMs = performance.now() - startedMs;
  if (sighup === "stop")
    return describeStop({ end: winner.end, forced: winner.alive, tookMs }, target, "SIGHUP");
  if (winner.end) return `it ${describeEnd(winner.end)}`;
  return findPort(winner, settings) === null ? "it does not listen any more" : null;
}

async function end(
  winner: Target,
  { endBy }: LifePlan,
  { target, stopWithinMs }: LifeSettings,
): Promise<Pick<LifeRecord, "stopTookMs" | "stopError">> {
  const nothing = { stopTookMs: null, stopError: null };
  if (!winner.alive) return nothing;
  if (endBy === "SIGKILL") {
    await winner.kill("process");
    return nothing;
  }
  const startedMs = performance.now();
  winner.send(endBy);
  await oneEnds([winner], stopWithinMs);
  const forced = winner.alive;
  if (forced) await winner.kill("process");
  const tookMs = (winner.end?.atMs ?? performance.now()) - startedMs;
  return { stopTookMs: tookMs, stopError: describeStop({ end: winner.end, forced, tookMs }, target, endBy) };
}

/** Children that have ended and were not waited for, of these. */
function listZombies(pids: readonly number[]): string[] {
  return listPids().flatMap((pid) => {
    const stat = readProcessStat(pid);
    if (stat?.state !== "Z" || !pids.includes(stat.parentPid)) return [];
    return [`pid ${pid}, a child of ${describeProcess(stat.parentPid)}`];
  });
}

/** Of its own processes, who has the port when it has ended, and had the time to let go. */
async function awaitOrphans(port: number, winner: Target): Promise<string[]> {
  const untilMs = performance.now() + ORPHANS_WITHIN_MS;
  for (;;) {
    const holders = findListeners(port, winner.pids());
    if (holders.length === 0 || performance.now() > untilMs) return holders.map(describeProcess);
    await delay(LOOK_MS);
  }
}

function describeOutput(winner: Target, lastLine: RegExp | null): string | null {
  const last = winner.lastLines().filter(Boolean).at(-1) ?? "";
  return lastLine === null || lastLine.test(last) ? null : `its last line was "${last}"`;
}

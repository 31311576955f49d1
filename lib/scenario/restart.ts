/** One cycle of restarts: a start, perhaps contested, an end by one way or another, and a look at what it left. */
import { request } from "undici";
import { readText } from "../host/read-text.ts";
import { listProcessFolder } from "../target/process-files.ts";
import { type Target, TargetError } from "../target/target.ts";
import { answers, describeStop } from "./clean-stop.ts";
import { type ContestSettings, oneEnds, race, type Started, startSecond } from "./contest.ts";
import { givePidToTheLiving, listLeftFiles, takeFinalState } from "./restart-files.ts";

/** How it is ended: asked to, by SIGKILL to its whole tree, or, the hub alone, by an exception of its own. */
type Way = "stop" | "kill" | "crash";
/** Who else starts: nobody, one more while it runs, or one at the same time. */
type Contest = "none" | "second" | "race";

export interface RestartPlan {
  readonly cycle: number;
  readonly way: Way;
  readonly contest: Contest;
  /** Lets a living process have the pid in the lock that a killed one left. */
  readonly reusePid: boolean;
}

export interface RestartRecord extends RestartPlan {
  /** Null where it did not start. */
  readonly readyAfterMs: number | null;
  /** Meanwhile, how long its two busiest threads worked, and how long they waited for processors that others had; null where the kernel does not tell. */
  readonly workedMs: number | null;
  readonly waitedMs: number | null;
  readonly startError: string | null;
  readonly contestError: string | null;
  /** Why a crash that was asked for did not happen; null where it did, and where none was asked for. */
  readonly crashError: string | null;
  /** Null where it was not asked to stop. */
  readonly stopTookMs: number | null;
  readonly stopError: string | null;
  /** Its port, where somebody still answers there after its end, and after a stop or a crash the children that outlived it. */
  readonly left: readonly string[];
  /** Lock and pid files after a stop. After a crash or SIGKILL one may be there, if only the next start does not believe it. */
  readonly leftFiles: readonly string[];
  readonly anonymousBytes: number | null;
  /** What the hub says of itself after a clean stop; null of others. */
  readonly finalState: unknown;
}

export async function restartOnce(plan: RestartPlan, settings: ContestSettings): Promise<RestartRecord> {
  const { target, dir } = settings;
  if (plan.reusePid) givePidToTheLiving(dir);
  const nothing = {
    ...plan,
    readyAfterMs: null,
    workedMs: null,
    waitedMs: null,
    contestError: null,
    anonymousBytes: null,
  };
  const empty = { ...nothing, ...NO_END };
  let started: Started;
  try {
    started = await (plan.contest === "race" ? race(settings) : startAlone(settings));
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return { ...empty, startError: error.message };
  }
  const { winner, contestError } = started;
  const spent = readSpent(winner.pid);
  const refused = plan.contest === "second" ? await startSecond(settings) : null;
  await target.watch(winner);
  const { anonymousBytes } = await target.checkpoint(plan.cycle);
  const ended = await end(winner, plan.way, settings);
  return {
    ...empty,
    ...ended,
    readyAfterMs: winner.readyAfterMs,
    ...spent,
    startError: null,
    contestError: contestError ?? refused,
    anonymousBytes,
  };
}

/** Of all its threads: nanoseconds on a processor, then on the run queue (Documentation/scheduler/sched-stats.rst). */
function readSpent(pid: number | null): Pick<RestartRecord, "workedMs" | "waitedMs"> {
  const threads = (pid === null ? null : listProcessFolder(pid, "task")) ?? [];
  const spent = threads
    .map((thread) => (readText(`/proc/${pid}/task/${thread}/schedstat`) ?? "0 0").split(" ").map(Number))
    .map(([workedNs = 0, waitedNs = 0]) => ({ workedMs: workedNs / 1e6, waitedMs: waitedNs / 1e6 }))
    .sort((one, other) => other.workedMs - one.workedMs)
    .slice(0, IN_TURN);
  if (!spent[0]?.workedMs) return { workedMs: null, waitedMs: null };
  return {
    workedMs: spent.reduce((sum, { workedMs }) => sum + workedMs, 0),
    waitedMs: spent.reduce((sum, { waitedMs }) => sum + waitedMs, 0),
  };
}

/** The busiest threads of a start take turns: the main one and whom it waits for, a loader. All others work beside them. */
const IN_TURN = 2;

async function startAlone({ target, dir, port }: ContestSettings): Promise<Started> {
  return { winner: await target.launch({ dir, port }), contestError: null };
}

type Ended = Pick<
  RestartRecord,
  "crashError" | "stopTookMs" | "stopError" | "left" | "leftFiles" | "finalState"
>;
const NO_END: Ended = {
  crashError: null,
  stopTookMs: null,
  stopError: null,
  left: [],
  leftFiles: [],
  finalState: null,
};

async function end(winner: Target, way: Way, settings: ContestSettings): Promise<Ended> {
  const { target, dir, port, stopWithinMs, loseWithinMs } = settings;
  const lookAtPort = async () => ((await answers(winner)) ? [`port ${port} still answers`] : []);
  if (way === "kill") {
    await winner.kill("tree");
    return { ...NO_END, left: await lookAtPort() };
  }
  if (way === "crash") {
    const crashError = await crash(winner, loseWithinMs);
    // before the children are ended, one of whom may have it
    const kept = crashError === null ? await lookAtPort() : [];
    const { left } = await winner.stop(stopWithinMs);
    return { ...NO_END, crashError, left: [...left, ...kept] };
  }
  const { end, tookMs, forced, left } = await winner.stop(stopWithinMs);
  return {
    ...NO_END,
    stopTookMs: tookMs,
    stopError: describeStop({ end, forced, tookMs }, target),
    left: [...left, ...(await lookAtPort())],
    leftFiles: listLeftFiles(dir, target.spec),
    finalState: target.isHub ? takeFinalState(dir) : null,
  };
}

/** The hub throws when it is told to. Answers why it did not crash, or null. */
async function crash(winner: Target, withinMs: number): Promise<string | null> {
  const origin = winner.url?.replace(/^ws/, "http").replace(/\/$/, "");
  const answer = await request(`${origin}/crash`, { method: "POST" }).then(
    async ({ statusCode, body }) => {
      await body.dump();
      return `HTTP ${statusCode}`;
    },
    // the answer may die with it
    (error: Error) => error.message,
  );
  await oneEnds([winner], withinMs);
  const { end } = winner;
  if (end === null) return `it ran on after POST /crash, which said: ${answer}`;
  return end.exitCode === 0 ? "it ended with exit code 0" : null;
}

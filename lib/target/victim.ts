/** A memory victim: a child process that takes memory when told to, and is followed by what it says until it ends. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { runtimeCommand } from "../host/runtime-command.ts";
import { ownFile } from "../own-file.ts";
import type { VictimWord } from "./victim-word.ts";

const PROGRAM = ownFile("targets/memory-victim");

export interface Victim {
  readonly pid: number;
  /** What it used before it took anything. */
  readonly ready: VictimWord;
  readonly alive: boolean;
  /** Lets it take memory; resolves when it has been refused, has enough or has ended. Nothing of that by the deadline: kills it. */
  strike(): Promise<VictimEnd>;
  /** Ends it, if it has not ended. */
  end(): Promise<void>;
}

/** `signal` is what killed it, "SIGKILL" by the OOM killer; null while it lives on with what it has. */
export interface VictimEnd {
  readonly last: VictimWord;
  readonly signal: NodeJS.Signals | null;
  readonly exitCode: number | null;
  /** Whether it was we who killed it, at the deadline. */
  readonly overdue: boolean;
  /** The end of what it wrote to stderr. */
  readonly complaint: string;
}

/**
 * With more of them (mallopt(3)), a thread that allocates for the first time reserves 64 MiB of address space: that is no memory, but
 * RLIMIT_AS counts it.
 */
const ONE_ARENA = { MALLOC_ARENA_MAX: "1" };

/** Enough for a runtime's own words at its end, without the stack that follows. */
const COMPLAINT_LENGTH = 8192;

/** For a victim that its limit only pauses, as `oom_kill_disable` of cgroup v1 does. Gigabytes are taken in a few seconds. */
export const STRIKE_DEADLINE_MS = 60_000;

/** Starts one that takes `mostBytes` in steps. Throws when it cannot start. */
export async function startVictim(
  stepBytes: number,
  mostBytes: number,
  abort: AbortSignal,
  deadlineMs = STRIKE_DEADLINE_MS,
): Promise<Victim> {
  // the schema is loaded here, as help does without it
  const { readVictimWord } = await import("./victim-word.ts");
  const { command, args } = runtimeCommand(PROGRAM);
  const child = spawn(command, [...args, String(stepBytes), String(mostBytes)], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...ONE_ARENA },
    signal: abort,
    killSignal: "SIGKILL",
  });
  // an abort is told as an error; the exit that follows is what counts
  child.on("error", () => {});
  // a victim that is gone cannot be written to
  child.stdin.on("error", () => {});
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = `${complaint}${text}`.slice(-COMPLAINT_LENGTH);
  });
  // not events.once: that rejects on an error, and an interruption is told as one
  const closed = new Promise((resolve) => child.once("close", resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<VictimWord | null> => {
    const { value, done } = await lines.next();
    return done ? null : readVictimWord(value);
  };
  const ready = await next();
  if (!ready || child.pid === undefined) {
    throw new Error(
      `Cannot start a memory victim: expected its first word, got none, and "${complaint.trim()}"`,
    );
  }

  async function follow(last: VictimWord): Promise<Omit<VictimEnd, "overdue">> {
    for (let word = await next(); word; word = await next()) {
      last = word;
      if (word.said !== "took") return { last, signal: null, exitCode: null, complaint };
    }
    await closed;
    return { last, signal: child.signalCode, exitCode: child.exitCode, complaint };
  }

  async function strike(from: VictimWord): Promise<VictimEnd> {
    let overdue = false;
    const deadline = setTimeout(() => {
      overdue = child.kill("SIGKILL");
    }, deadlineMs);
    child.stdin.write("strike\n");
    try {
      const end = await follow(from);
      return { ...end, overdue };
    } finally {
      clearTimeout(deadline);
    }
  }

  return {
    pid: child.pid,
    ready,
    get alive() {
      return child.exitCode === null && child.signalCode === null;
    },
    strike: () => strike(ready),
    async end() {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

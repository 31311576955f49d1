/** Runs a program to its end, or to the end of its time: what it said, and whether anybody of it was left. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { endMarked, MARK_VARIABLE, markedProcesses, markOfStart } from "../host/marked-processes.ts";

export interface ChildOrder {
  /** The program and its words; no shell. */
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** After this it is killed, and whoever it has started. */
  readonly withinMs: number;
  /** The mark of the run, and what makes this start different from the others of it. */
  readonly mark: string;
  readonly name: string;
  /** Aborted: it is killed likewise. */
  readonly signal: AbortSignal;
  /** Told its process as soon as there is one. */
  readonly onStart?: (child: ChildProcess) => void;
}

export interface ChildEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly ended: "by itself" | "late" | "aborted";
  readonly stdout: string;
  readonly stderr: string;
  /** From before it was started until its output had ended, or it was killed. */
  readonly tookMs: number;
  /** Processes that outlived it, each with its command; they have been ended. */
  readonly left: readonly string[];
}

/** More is no list of tests and no message. */
const MOST_OUTPUT = 64 * 1024 * 1024;

const NOT_STARTED: ChildEnd = {
  ...{ exitCode: null, signal: null, ended: "aborted" },
  ...{ stdout: "", stderr: "", tookMs: 0, left: [] },
};

/** Rejects where it cannot be started. When it resolves, nobody of it is there. */
export async function runChild(order: ChildOrder): Promise<ChildEnd> {
  const { command, cwd, environment, withinMs, mark, name, signal, onStart } = order;
  const [program, ...words] = command;
  const own = markOfStart(mark, name);
  if (signal.aborted) return NOT_STARTED;
  const startedMs = performance.now();
  const child = spawn(program, words, {
    ...{ cwd, stdio: ["ignore", "pipe", "pipe"] },
    // its own group, so that Ctrl-C is ours to pass on
    detached: true,
    env: { ...process.env, ...environment, [MARK_VARIABLE]: own },
  });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const failed = once(child, "error").then(([error]) => Promise.reject(error));
  let ended: ChildEnd["ended"] = "by itself";
  const endAs = (how: ChildEnd["ended"]) => {
    ended = how;
    void endMarked(own);
  };
  const late = setTimeout(() => endAs("late"), withinMs);
  const abort = () => endAs("aborted");
  signal.addEventListener("abort", abort, { once: true });
  try {
    onStart?.(child);
    const closed = once(child, "close");
    // one that it left behind may hold its output open: then it is over with its own end
    const drained = once(child, "exit").then(() => delay(DRAIN_MS, undefined, { ref: false }));
    await Promise.race([closed, failed, drained]);
    const tookMs = performance.now() - startedMs;
    const left = ended === "by itself" ? describe(markedProcesses(own)) : [];
    await endMarked(own);
    const { exitCode, signalCode } = child;
    return { exitCode, signal: signalCode, ended, stdout: stdout(), stderr: stderr(), tookMs, left };
  } finally {
    clearTimeout(late);
    signal.removeEventListener("abort", abort);
  }
}

/** What is still on its way through the pipes. */
const DRAIN_MS = 500;

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (part: string) => {
    if (text.length < MOST_OUTPUT) text += part;
  });
  return () => text;
}

function describe(pids: readonly number[]): string[] {
  return pids.map((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      return `${pid} ${command.slice(0, 200)}`;
    } catch {
      return String(pid);
    }
  });
}

/** Runs one test file as a process of its own, and sees whether it ends by itself and leaves no process behind. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isAlive, listPids, readProcessStat } from "../lib/target/process-files.ts";
import { describeCommand } from "../lib/target/process-tree.ts";
import { formatDuration } from "../lib/units.ts";
import { ROOT, type Runtime } from "./command.ts";

export interface Outcome {
  readonly file: string;
  readonly tests: number;
  readonly failures: readonly Failure[];
}

interface Failure {
  /** What failed, the same in every run. */
  readonly name: string;
  /** What was said about it. */
  readonly detail: string;
}

export interface Settings {
  readonly runtime: Runtime;
  /** So long a file may say nothing. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

const TELL_LEFT = fileURLToPath(new URL("fixtures/tell-left.ts", import.meta.url));
/** Until its first word at least: a box at its limit takes long to start a runtime, which says nothing about the file. */
const FIRST_WORD_WITHIN_MS = 60_000;
/** For the answer to SIGUSR2, which a process in an endless loop never gives. */
const ANSWER_WITHIN_MS = 1000;
/** For children that were told to end. */
const CHILDREN_WITHIN_MS = 2000;

export async function runFile(file: string, { runtime, patienceMs, signal }: Settings): Promise<Outcome> {
  const [program = "", ...first] = runtime.command;
  // with it a test file reports to the runner that runs this very process
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(program, [...first, "--import", TELL_LEFT, "--test-reporter=tap", file], {
    cwd: ROOT,
    env,
    // a session of its own, by which its children are known also when it is gone
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [exited, closed] = [once(child, "exit"), once(child, "close")];
  const output = { stdout: "", stderr: "" };
  const watch = watchSilence(child, output, patienceMs);
  const abort = () => child.kill("SIGKILL");
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  const [code, killedBy] = await exited;
  watch.stop();
  signal.removeEventListener("abort", abort);
  const left = await endSession(child.pid ?? 0);
  // its last words; a child in a session of its own may keep the pipe open
  await Promise.race([closed, delay(CHILDREN_WITHIN_MS, null, { ref: false })]);
  const failures = readFailures(output.stdout);
  if (watch.fellSilent) {
    const detail = `silent for ${formatDuration(patienceMs)}\n${output.stderr.trim()}`;
    failures.push({ name: "(does not end by itself)", detail });
  } else if (code !== 0 && failures.length === 0)
    failures.push({ name: `(ends with ${killedBy ?? code})`, detail: output.stderr.trim() });
  if (left.length > 0) failures.push({ name: "(leaves processes)", detail: left.join("\n") });
  return { file, tests: Number(/^# tests (\d+)$/m.exec(output.stdout)?.[1] ?? 0), failures };
}

/** Collects what it says; from a file that says nothing any more it asks what it holds, and ends it. */
function watchSilence(child: ChildProcess, output: { stdout: string; stderr: string }, patienceMs: number) {
  const watch = { fellSilent: false, stop: () => clearTimeout(timer) };
  const giveUp = () => {
    watch.fellSilent = true;
    child.kill("SIGUSR2");
    timer = setTimeout(() => child.kill("SIGKILL"), ANSWER_WITHIN_MS);
  };
  let timer = setTimeout(giveUp, Math.max(patienceMs, FIRST_WORD_WITHIN_MS));
  for (const name of ["stdout", "stderr"] as const)
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      if (watch.fellSilent) return;
      clearTimeout(timer);
      timer = setTimeout(giveUp, patienceMs);
    });
  return watch;
}

/** Ends what has outlived it, and tells what that was. */
async function endSession(session: number): Promise<string[]> {
  const find = () => listPids().filter((pid) => isAlive(pid) && readProcessStat(pid)?.session === session);
  const endMs = performance.now() + CHILDREN_WITHIN_MS;
  while (find().length > 0 && performance.now() < endMs) await delay(20);
  return find().map((pid) => {
    const command = describeCommand(pid);
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // has ended meanwhile
    }
    return `${pid} ${command}`;
  });
}

/** The tests that failed, not the suites that they are in. */
function readFailures(tap: string): Failure[] {
  return [...tap.matchAll(/^( *)not ok \d+ - (.*)\n\1 {2}---\n([\s\S]*?)\n\1 {2}\.\.\.$/gm)].flatMap(
    ([, , name = "", detail = ""]) =>
      detail.includes("failureType: 'subtestsFailed'") || / # todo/i.test(name) ? [] : [{ name, detail }],
  );
}

/** Runs one of our programs as a user would, and gives what it said, left and ended with. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { mountTmpfs } from "../lib/host/fixtures/tmpfs.ts";
import { type Report, reportSchema } from "../lib/report/report.ts";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** How a runtime runs a TypeScript file: program and first arguments. */
export interface Runtime {
  readonly name: string;
  readonly command: readonly string[];
  /** Why it cannot be had here, or null. */
  readonly missing: string | null;
}

const TSX = join(ROOT, "node_modules/tsx/dist/loader.mjs");
const NODE_24 = join(ROOT, ".runtimes/node_modules/.bin/node");
const DENO = join(ROOT, ".runtimes/node_modules/.bin/deno");

/** Where Node takes types away by itself it starts in half the time. */
const STRIPS_TYPES = "typescript" in process.features && process.features.typescript !== false;
const OWN = STRIPS_TYPES ? [process.execPath] : [process.execPath, "--import", TSX];

/** Ours first; the others come from npm, by `make runtimes`. */
export const RUNTIMES: readonly [Runtime, ...Runtime[]] = [
  { name: "node", command: OWN, missing: null },
  { name: "node 24", command: [NODE_24], missing: lookFor(NODE_24) },
  { name: "deno", command: [DENO, "run", "-A"], missing: lookFor(DENO) },
];

/** For programs where the runtime is no matter: Node 24 starts them in half of the time that Node 20 takes with its loader. */
export const QUICKEST =
  RUNTIMES.find(({ name, missing }) => name === "node 24" && missing === null) ?? RUNTIMES[0];

function lookFor(path: string): string | null {
  return existsSync(path) ? null : "not installed: make runtimes";
}

/** For runs that are to pass on a machine where others work too: late answers and lost samples are then no finding of theirs. */
export const PATIENT = { PROOFLOAD_MAX_EVENT_LOOP_DELAY: "1s", PROOFLOAD_MIN_SAMPLES: "80%" };

/** In the gate nothing may be skipped. */
export function skipReason(missing: string | null): string | false {
  if (missing !== null && process.env.PROOFLOAD_SKIP_NOTHING)
    throw new Error(`Cannot skip in the gate: ${missing}`);
  return missing ?? false;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves as soon as stderr has this; rejects when the program ends without. */
  said(pattern: RegExp): Promise<void>;
  readonly ended: Promise<Ended>;
}

/** Starts a file of this repository, by its path in it. */
export function start(
  file: string,
  words: readonly string[],
  runtime = QUICKEST,
  environment: Record<string, string> = {},
): Running {
  const [command = "", ...first] = runtime.command;
  const child = spawn(command, [...first, join(ROOT, file), ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, CI: "", GITHUB_ACTIONS: "", ...environment },
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    output.stderr += text;
  });
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal, ...output }) as Ended);
  const said = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => pattern.test(output.stderr) && resolve();
      child.stderr.on("data", look);
      look();
      void ended.then(() => reject(new Error(`It never said ${pattern}, but:\n${output.stderr}`)));
    });
  return { child, said, ended };
}

export function run(
  file: string,
  words: readonly string[],
  runtime?: Runtime,
  environment?: Record<string, string>,
) {
  return start(file, words, runtime, environment).ended;
}

/** The one JSON document on stdout, checked against the schema. */
export function parseReport({ stdout, stderr }: Ended): Report {
  try {
    return reportSchema.parse(JSON.parse(stdout));
  } catch (error) {
    throw new Error(
      `Cannot read the report: ${error}\nstdout: ${stdout.slice(0, 2000)}\nstderr: ${stderr.slice(-2000)}`,
    );
  }
}

/** What a failed assertion should show: verdict and every finding that did not hold. */
export function explain({ scenario, verdict, findings, sampling }: Report): string {
  const bad = findings.filter(({ outcome }) => outcome !== "held" && outcome !== "skipped");
  return JSON.stringify({ scenario, verdict, bad, sampling }, null, 1);
}

/** A folder for one test's reports, removed by `t.after`. */
export function temporaryFolder(t: { after(work: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), "proofload-test-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A folder on a volume on which nobody else writes, so that its free space is the test's alone; without root, on any. */
export function quietVolume(t: TestContext): string {
  return (process.getuid?.() === 0 && mountTmpfs(t, "size=512m")) || temporaryFolder(t);
}

/** What a run leaves on this box, while it lasts and afterwards: samples, temporary things, processes. */
import { readdirSync, readFileSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Controller, createCgroup, findCgroup } from "../lib/host/cgroup.ts";
import { identifyProcess, isRunning, type ProcessIdentity } from "../lib/host/process-identity.ts";
import { TEMPORARY_PREFIX } from "../lib/host/temporary-name.ts";
import { type Report, reportSchema } from "../lib/report/report.ts";
import { type Suite, suiteSchema } from "../lib/report/suite.ts";

/** Why no file system can be mounted for a test, or null. */
export const cannotMount =
  process.platform === "linux" && process.getuid?.() === 0 ? null : "needs root to mount a tmpfs";

/** Why no group with this controller can be made, or null. */
export function cannotGroup(controller: Controller): string | null {
  const probe = createCgroup(controller, `${TEMPORARY_PREFIX}${process.pid}-probe-${controller}`);
  if ("refused" in probe) return `no control group can be made: ${probe.refused}`;
  rmdirSync(probe.path);
  return null;
}

interface SeenSample {
  readonly atMs: number;
  readonly phase: string;
  readonly gauges: Readonly<Record<string, number | null>>;
}

/** The newest run of a scenario below a reports folder: its report and its samples. */
export function readNewest(out: string, scenario: string): { report: Report; samples: SeenSample[] } {
  const run = join(out, scenario, listRuns(out, scenario).at(-1) ?? "there is none");
  const report = reportSchema.parse(JSON.parse(readFileSync(join(run, "report.json"), "utf8")));
  return { report, samples: readSamples(run) };
}

export function readNewestSuite(out: string): Suite {
  const path = join(out, "stress-all", listRuns(out, "stress-all").at(-1) ?? "there is none", "report.json");
  return suiteSchema.parse(JSON.parse(readFileSync(path, "utf8")));
}

export function listRuns(out: string, scenario: string): string[] {
  return readdirSync(join(out, scenario))
    .filter((name) => !name.startsWith("."))
    .sort();
}

/** Every whole line; the zeros that an unfinished run has reserved are none. */
function readSamples(run: string): SeenSample[] {
  const [written = ""] = readFileSync(join(run, "samples.ndjson"), "utf8").split("\0", 1);
  const whole = written.slice(0, written.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** Folders and control groups that this process made and that are still there. `folders`: where else to look. */
export function findTemporaries(pid: number, ...folders: string[]): string[] {
  const places = new Set([tmpdir(), ...folders]);
  const group = findCgroup("memory");
  if (group) for (let at = group.path; at.startsWith(group.mount); at = dirname(at)) places.add(at);
  return [...places].flatMap((place) =>
    readdirSync(place)
      .filter((name) => name.startsWith(`${TEMPORARY_PREFIX}${pid}-`))
      .map((name) => join(place, name)),
  );
}

/** All processes below this one, so that they can be told later from others with their pids. */
export function findDescendants(pid: number): ProcessIdentity[] {
  let text = "";
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`))
      text += `${readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8")} `;
  } catch {
    // ended meanwhile
  }
  const children = text.split(/\s+/).filter(Boolean).map(Number);
  return children.flatMap((child) => [identifyProcess(child), ...findDescendants(child)]);
}

/** Resolves when all of these have ended. Init reaps what has lost its parent, and tells nobody. */
export function allEnded(processes: readonly ProcessIdentity[]): Promise<void> {
  return becomes(
    () => !processes.some((one) => isRunning(one)),
    () => `${processes.filter((one) => isRunning(one)).map(({ pid }) => pid)} still run`,
  );
}

/** Looks again and again at what nobody announces; far more patient than anything should need. */
export async function becomes(
  holds: () => boolean | Promise<boolean>,
  otherwise: () => string,
): Promise<void> {
  for (let look = 0; !(await holds()); look++) {
    if (look === 6000) throw new Error(`Waited in vain: ${otherwise()}`);
    await delay(5);
  }
}

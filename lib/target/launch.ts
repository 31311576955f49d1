/** Brings a target up: starts its command, or finds the one that already runs, and waits until it is ready. */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { markOfStart } from "../host/marked-processes.ts";
import type { ReadyCheck } from "./address.ts";
import { type CommandProcess, startCommand } from "./command-process.ts";
import { refuseDirectory, refuseProgram } from "./find-program.ts";
import { findTarget } from "./foreign-target.ts";
import { findFreePort } from "./free-port.ts";
import { awaitReady, describeCheck, isTaken, type Readiness, readyCheck } from "./readiness.ts";
import { fillSpec, type TargetSpec } from "./spec.ts";
import { describeEnd, type Target, TargetError } from "./target.ts";

export interface LaunchSettings {
  readonly spec: TargetSpec;
  /** {dir}: a private folder that the caller made and removes. */
  readonly dir: string;
  readonly readyWithinMs: number;
  /** Its abort stops the target. */
  readonly signal: AbortSignal;
  /** Lowered RLIMIT_NOFILE, soft and hard, for the command. */
  readonly descriptorLimit?: number;
  /** Preload the live-bytes probe where the command runs Node. */
  readonly probe: boolean;
  /** Appended to the command. */
  readonly extraWords?: readonly string[];
  /** Fixed {port}; else a free one. */
  readonly port?: number;
  /** For starts that race on purpose: does not refuse to start where somebody answers already. Readiness may then be the other's. */
  readonly portMayBeTaken?: boolean;
  /** Told before anything starts, so that the next command can end what a killed run left: journalled in the run's lock. */
  readonly journal: (marker: string) => void;
  /** Of a run that starts its target many times: the mark that all of them share, journalled already. Each gets its own of it. */
  readonly runMark?: string;
}

/** How often another port is tried when one was taken between our look and the target's. */
const PORT_TRIES = 3;
const PORT_TAKEN = /EADDRINUSE|address already in use/i;
/** A Node before 18.18 does not know --import there. */
const PROBE_REFUSED = /--import= is not allowed in NODE_OPTIONS/;
/** When the signal aborts. */
const ABORT_STOP_MS = 2000;

/** Rejects with a TargetError: "Cannot start …: expected …, got …", with its last lines; or with the signal's reason. Nothing is left running then. */
export async function launchTarget(settings: LaunchSettings): Promise<Target> {
  settings.signal.throwIfAborted();
  if (settings.spec.command === null) return findTarget(settings);
  const marker = chooseMark(settings);
  let { probe } = settings;
  for (let attempt = 1; ; attempt++) {
    const port = settings.port ?? (uses("{port}", settings.spec) ? await findFreePort() : null);
    const outcome = await tryOnce({ ...settings, probe }, port, marker);
    if (!(outcome instanceof TargetError)) return outcome;
    const said = outcome.lastLines.join("\n");
    if (probe && PROBE_REFUSED.test(said)) probe = false;
    else if (settings.port !== undefined || !PORT_TAKEN.test(said) || attempt === PORT_TRIES) throw outcome;
  }
}

/** A mark of its own in each case: of two that run at once, each is ended alone. */
function chooseMark({ runMark, journal }: LaunchSettings): string {
  if (runMark !== undefined) return markOfStart(runMark, randomBytes(6).toString("hex"));
  const marker = randomBytes(12).toString("hex");
  journal(marker);
  return marker;
}

/** One start. Answers an error of the target's own as such, as another try may be worth it. */
async function tryOnce(
  settings: LaunchSettings,
  port: number | null,
  marker: string,
): Promise<Target | TargetError> {
  const { dir, signal, readyWithinMs } = settings;
  const port2 = uses("{port2}", settings.spec) ? await findFreePort() : null;
  const spec = fillSpec(settings.spec, { port, port2, dir });
  const check = readyCheck(spec);
  await refuseStart(settings, spec, check);
  writeFiles(dir, spec.files);
  const running = await start(settings, spec, check, marker);
  const { output, ended, startedAtMs: sinceMs } = running;
  try {
    let readiness = await awaitReady({ check, output, ended, sinceMs, withinMs: readyWithinMs, signal });
    // the answer of a server that is not it does not make it ready
    if (readiness.kind === "ready" && running.end !== null) readiness = { kind: "ended", end: running.end };
    if (readiness.kind === "ready") return asTarget(running, spec, port, readiness.afterMs, signal);
    await running.kill("tree");
    return new TargetError(explain(spec, check, readiness, readyWithinMs), running.end, output.lastLines());
  } catch (error) {
    await running.kill("tree");
    throw error;
  }
}

async function refuseStart(
  settings: LaunchSettings,
  spec: TargetSpec,
  check: ReadyCheck | null,
): Promise<void> {
  const directory = spec.directory ?? process.cwd();
  const path = spec.environment.PATH ?? process.env.PATH ?? "";
  const programs = [spec.command?.[0] ?? "", ...spec.requires];
  const reason =
    refuseDirectory(directory) ??
    programs.map((program) => refuseProgram(program, directory, path)).find((found) => found !== null);
  if (reason) throw new TargetError(`Cannot start ${spec.name}: ${reason}`);
  if (!settings.portMayBeTaken && (await isTaken(check, settings.signal))) {
    throw new TargetError(
      `Cannot start ${spec.name}: expected nobody to answer yet, got ${describeCheck(check)}: another server is there`,
    );
  }
}

/** Names are relative, and stay inside: the schema of target files holds that. */
function writeFiles(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

async function start(
  settings: LaunchSettings,
  spec: TargetSpec,
  check: ReadyCheck | null,
  marker: string,
): Promise<CommandProcess> {
  try {
    return await startCommand({
      words: [...(spec.command ?? []), ...(settings.extraWords ?? [])],
      environment: { ...process.env, ...spec.environment },
      directory: spec.directory ?? process.cwd(),
      dir: settings.dir,
      marker,
      probe: settings.probe,
      descriptorLimit: settings.descriptorLimit ?? null,
      stopSignal: spec.stopSignal,
      awaited: check?.kind === "output" ? check.pattern : null,
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // the file itself was looked for before
    const why = code === "ENOENT" ? "ENOENT: its first line names an interpreter that is not there" : code;
    throw new TargetError(`Cannot start ${spec.name}: expected it to be executable, got ${why ?? message}`);
  }
}

function explain(
  { name }: TargetSpec,
  check: ReadyCheck | null,
  readiness: Exclude<Readiness, { kind: "ready" }>,
  withinMs: number,
): string {
  const expected = `Cannot start ${name}: expected ${describeCheck(check)}`;
  if (readiness.kind === "ended")
    return `${expected}, but it ${describeEnd(readiness.end)} before it was ready`;
  return `${expected} within ${withinMs} ms, got ${readiness.lastFailure ?? "none"}`;
}

function asTarget(
  running: CommandProcess,
  spec: TargetSpec,
  port: number | null,
  readyAfterMs: number,
  signal: AbortSignal,
): Target {
  const abort = () => void running.stop(ABORT_STOP_MS).catch(() => {});
  signal.addEventListener("abort", abort, { once: true });
  // a run of thousands of restarts must not collect listeners
  void running.ended.then(() => signal.removeEventListener("abort", abort));
  return {
    name: spec.name,
    pid: running.pid,
    port,
    url: spec.url,
    spec,
    readyAfterMs,
    get alive() {
      return running.end === null;
    },
    get end() {
      return running.end;
    },
    ended: running.ended,
    lastLines: () => running.output.lastLines(),
    output: running.output,
    pids: running.pids,
    get probePath() {
      return running.probePath;
    },
    stop: running.stop,
    kill: running.kill,
    send: running.send,
  };
}

function uses(placeholder: "{port}" | "{port2}", spec: TargetSpec): boolean {
  const { command, url, ready, health, environment, files, gauges, inspector } = spec;
  return JSON.stringify([command, url, ready, health, environment, files, gauges, inspector]).includes(
    placeholder,
  );
}

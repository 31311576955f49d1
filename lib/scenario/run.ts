/** One run from its lock to its report, however it ends. */
import { rmSync } from "node:fs";
import { EngineError } from "../engine/engine-error.ts";
import type { Sample } from "../host/gauges.ts";
import { openLinuxSources } from "../host/linux-sources.ts";
import { judgeAgainst } from "../report/baseline.ts";
import { claimRun } from "../report/claim-run.ts";
import type { Subject } from "../report/figures.ts";
import type { Lock, LockRecord } from "../report/lock.ts";
import type { Report, Verdict } from "../report/report.ts";
import { openRunFolder, type RunFolder } from "../report/run-folder.ts";
import { removeTemporaries } from "../report/temporary.ts";
import { exitCodeOf, judge } from "../report/verdict.ts";
import { TargetError } from "../target/target.ts";
import { draftReport } from "./draft-report.ts";
import { interruptedBy } from "./interruption.ts";
import { judgeRun } from "./judge.ts";
import { type LiveRun, type Observer, startLiveRun } from "./live-run.ts";
import type { Options } from "./option.ts";
import type { Prepared } from "./prepare.ts";
import { describeSampling } from "./sampling.ts";
import type { Scenario } from "./scenario.ts";
import { createWindows } from "./windows.ts";

export interface RunRequest<O extends Options, E> {
  readonly name: string;
  readonly scenario: Scenario<O, E>;
  readonly prepared: Prepared<O>;
  readonly workerFile: (worker: string) => URL;
  readonly signal: AbortSignal;
  readonly observer: Observer;
  /** Told a line about each earlier run that had to be finished. */
  readonly tell: (line: string) => void;
  /** An earlier run that it is measured by. */
  readonly baseline?: Subject | null;
  /** Called once the run has its lock and its folder, before anything else. */
  readonly begun?: () => Promise<unknown>;
}

export type RunResult =
  | {
      readonly kind: "ran";
      readonly report: Report;
      readonly path: string;
      readonly samples: readonly Sample[];
    }
  | { readonly kind: "locked"; readonly by: LockRecord }
  | { readonly kind: "refused"; readonly reason: string };

export async function runScenario<O extends Options, E>(request: RunRequest<O, E>): Promise<RunResult> {
  const { name, prepared } = request;
  const claimed = await claimRun(prepared.out, name, request.tell);
  if ("heldBy" in claimed) return { kind: "locked", by: claimed.heldBy };
  const { lock, run, path, startedAt } = claimed;
  const draft = draftReport(request, run, startedAt);
  const expectedSamples = Math.ceil((2 * prepared.plan.durationMs) / prepared.common.interval) + 100;
  let folder: RunFolder;
  try {
    folder = openRunFolder(prepared.out, path, draft, expectedSamples);
  } catch (error) {
    rmSync(path, { recursive: true });
    lock.free();
    return {
      kind: "refused",
      reason: `Cannot reserve space for the report in ${path}: ${(error as Error).message}`,
    };
  }
  await request.begun?.();
  const { report, samples } = await reportOn(request, draft, folder, lock);
  const complaint = folder.complete(report, samples);
  if (complaint !== null) request.tell(complaint);
  if (report.notes.length === 0) lock.free();
  return { kind: "ran", report, path, samples };
}

interface Reported {
  readonly report: Report;
  readonly samples: readonly Sample[];
}

/** Never throws: what goes wrong is a verdict. */
async function reportOn<O extends Options, E>(
  request: RunRequest<O, E>,
  draft: Report,
  folder: RunFolder,
  lock: Lock,
): Promise<Reported> {
  const { scenario, prepared } = request;
  const startMs = performance.now();
  let report = draft;
  let samples: readonly Sample[] = [];
  try {
    const refused = await scenario.requires?.(prepared.host, prepared.values);
    if (refused)
      report = { ...draft, verdict: { kind: "skipped", sentence: `Cannot run here: it ${refused}.` } };
    else ({ report, samples } = await runLoaded(request, draft, folder, lock));
  } catch (error) {
    report = { ...draft, verdict: errorVerdict(error) };
  }
  const left = await removeTemporaries(lock.temporary);
  if (left.length > 0) report = { ...report, verdict: leftBehind(report.verdict, left), notes: left };
  report = {
    ...report,
    exitCode: exitCodeOf(report.verdict),
    endedAt: new Date().toISOString(),
    durationMs: performance.now() - startMs,
  };
  return { report, samples };
}

async function runLoaded<O extends Options, E>(
  request: RunRequest<O, E>,
  draft: Report,
  folder: RunFolder,
  lock: Lock,
): Promise<Reported> {
  const { scenario, prepared, signal } = request;
  const volume = scenario.volume?.(prepared.values) ?? { path: prepared.out, guarded: false };
  const { sources, unreadable } = await openSources(prepared, volume.path);
  const live = startLiveRun({
    ...request,
    folder,
    lock,
    sources,
    use: scenario.target ?? { role: "beside" },
    guard: {
      ...memoryFloors(prepared),
      minDiskBytes: volume.guarded ? prepared.common.minDiskFree : null,
      maxMemoryPressure: prepared.common.maxMemoryPressure,
    },
  });
  const ended = await runToTheEnd(scenario, live, signal);
  const base: Report = {
    ...draft,
    phases: live.phases.done,
    loads: describeLoads(live),
    guard: live.guard,
    target: live.target.facts,
    sampling: describeSampling({
      ...live,
      record: live.sampler.record,
      intervalMs: prepared.common.interval,
      unreadable: new Map([...unreadable, ...live.target.unread]),
    }),
  };
  const { samples } = live;
  if ("verdict" in ended) return { report: { ...base, verdict: ended.verdict }, samples };
  const findings = judgeRun(
    scenario,
    {
      options: prepared.values,
      given: prepared.given,
      host: prepared.host,
      evidence: ended.evidence,
      windows: createWindows(live.samples),
      stayed: live.target.facts?.stayed ?? [],
      before: request.baseline?.report.evidence ?? null,
    },
    {
      common: prepared.common,
      givenOfTarget: prepared.givenOfTarget,
      windows: createWindows(live.samples),
      sampling: live.sampler.record,
      loads: live.loads,
      guard: live.guard,
      unwritten: live.unwritten,
      target: live.target.facts && { ...live.target.facts, mayRefuse: scenario.target?.mayRefuse ?? false },
    },
  );
  const picture = scenario.picture?.(ended.evidence) ?? null;
  const judged = { ...base, evidence: ended.evidence ?? null, ...(picture && { picture }), findings };
  const { baseline } = request;
  const all = baseline ? [...findings, judgeAgainst(baseline, { report: judged, samples })] : findings;
  return { report: { ...judged, findings: all, verdict: judge(all) }, samples };
}

type Ending<E> = { readonly evidence: E } | { readonly verdict: Verdict };

/** Whatever happens, every load has been let go when this resolves. */
async function runToTheEnd<O extends Options, E>(
  scenario: Scenario<O, E>,
  live: LiveRun<O>,
  signal: AbortSignal,
): Promise<Ending<E>> {
  try {
    await live.begin();
    const evidence = await scenario.run(live.context);
    await live.settle();
    return { evidence };
  } catch (error) {
    if (error instanceof TargetError || error instanceof EngineError)
      return { verdict: { kind: "inconclusive", sentence: error.message } };
    const by = interruptedBy(signal);
    if (by) {
      const during = live.phases.done.at(-1)?.name ?? "its first step";
      return {
        verdict: { kind: "interrupted", signal: by, sentence: `Interrupted by ${by} during ${during}.` },
      };
    }
    return { verdict: errorVerdict(error) };
  } finally {
    await live.end();
  }
}

/** The same share of the box, and of what the control group grants. */
function memoryFloors<O extends Options>({ common, host }: Prepared<O>) {
  const floor = (bytes: number) => common.minMemoryAvailable * bytes;
  const limitBytes = host.memoryLimitBytes;
  const cgroup = host.memoryLimitedBy === "host" ? null : { limitBytes, minMemoryBytes: floor(limitBytes) };
  return { minMemoryBytes: floor(host.memoryTotalBytes), cgroup };
}

async function openSources<O extends Options>({ host }: Prepared<O>, volume: string) {
  if (host.platform === "linux") return openLinuxSources(host.allowedCpus, volume);
  // systeminformation is a large library, and of no use where there is /proc
  const { openPortableSources } = await import("../host/portable-sources.ts");
  return openPortableSources(volume);
}

function describeLoads<O extends Options>({ loads }: LiveRun<O>): Report["loads"] {
  return loads.map(({ name, unit, asked, outcomes }) => ({
    stressor: name,
    unit,
    asked,
    held: outcomes.reduce((sum, { held }) => sum + held, 0),
    released: outcomes.filter(({ ended }) => ended === "released").length,
    forced: outcomes.filter(({ ended }) => ended === "forced").length,
    died: outcomes.flatMap((outcome) => (outcome.ended === "died" ? [outcome.error] : [])),
  }));
}

/** What could not be removed spoils a pass: the lock stays too, for the next command to try again. */
function leftBehind(verdict: Verdict, left: readonly string[]): Verdict {
  return verdict.kind === "pass" ? { kind: "error", sentence: left.join("; ") } : verdict;
}

function errorVerdict(error: unknown): Verdict {
  const known = error instanceof Error ? error : new Error(String(error));
  return {
    kind: "error",
    sentence: `Proofload itself failed: ${known.message}`,
    ...(known.stack === undefined ? {} : { stack: known.stack }),
  };
}

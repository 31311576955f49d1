/** Runs scenarios one after another within one budget, and keeps a report of them all that is whole after every step. */
import { join } from "node:path";
import { type HostFacts, readHostFacts } from "../host/facts.ts";
import { claimRun } from "../report/claim-run.ts";
import { renderSuitePage } from "../report/html/suite-page.ts";
import type { LockRecord } from "../report/lock.ts";
import { replaceFile } from "../report/replace-file.ts";
import { describeLatest, toJson } from "../report/run-folder.ts";
import {
  exitCodeOfSuite,
  judgeSuite,
  renderSuiteMarkdown,
  type Suite,
  type SuiteRow,
} from "../report/suite.ts";
import { formatDuration } from "../units.ts";
import type { Discovered } from "./discover.ts";
import { describePeak } from "./peak.ts";
import { OVERHEAD_MS, prepareRun } from "./prepare.ts";
import type { Plan } from "./scenario.ts";
import { type Claim, keptBack, shareBudget } from "./share-budget.ts";
import { interruptedEarly, type Patience, superviseScenario } from "./supervise.ts";

export interface SuiteRequest {
  readonly scenarios: readonly Discovered[];
  readonly budgetMs: number;
  /** Given to every scenario. */
  readonly words: readonly string[];
  readonly failFast: boolean;
  readonly out: string;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  /** Told what is about to run, and for how long. */
  readonly tell: (line: string) => void;
  /** Called once it has its lock. */
  readonly begun?: () => Promise<unknown>;
}

export type SuiteResult =
  | { readonly kind: "ran"; readonly suite: Suite; readonly path: string }
  | { readonly kind: "locked"; readonly by: LockRecord };

export async function runSuite(request: SuiteRequest): Promise<SuiteResult> {
  const { out } = request;
  const claimed = await claimRun(out, "stress-all", request.tell);
  if ("heldBy" in claimed) return { kind: "locked", by: claimed.heldBy };
  const { lock, run, path, startedAt } = claimed;
  let suite = draftSuite(run, startedAt, request.budgetMs);
  writeSuite(path, suite);
  await request.begun?.();
  const startMs = performance.now();
  for await (const row of runEach(request, () => granted(request.budgetMs) - (performance.now() - startMs))) {
    suite = { ...suite, rows: [...suite.rows, row], durationMs: performance.now() - startMs };
    writeSuite(path, suite);
  }
  const verdict = judgeSuite(suite.rows);
  suite = {
    ...suite,
    verdict,
    exitCode: exitCodeOfSuite(verdict.kind, suite.rows),
    endedAt: new Date().toISOString(),
    durationMs: performance.now() - startMs,
  };
  writeSuite(path, suite);
  replaceFile(join(out, "latest.json"), toJson(describeLatest(out, path, suite)));
  lock.free();
  return { kind: "ran", suite, path };
}

/** What the last one takes beyond its share can be taken from no other. */
const LAST = 0.03;

function granted(budgetMs: number): number {
  return budgetMs * (1 - LAST);
}

/** What is left of the budget is shared out anew before each one: a short run leaves its time to the others. */
async function* runEach(request: SuiteRequest, leftMs: () => number): AsyncGenerator<SuiteRow> {
  const { signal, failFast, words, patience, tell } = request;
  const host = readHostFacts();
  const claims = await claimAll(request.scenarios, words, host);
  for (const skipped of claims)
    if (skipped.mistakes.length > 0) yield skip(skipped.scenario, skipped.mistakes.join("; "));
  const able = claims.filter(({ mistakes }) => mistakes.length === 0);
  for (const [index, { scenario }] of able.entries()) {
    if (signal.aborted) {
      yield { ...skip(scenario, ""), ...interruptedEarly(signal) };
      continue;
    }
    const rest = able.slice(index);
    const [budgetMs] = shareBudget(leftMs() - keptBack(leftMs(), rest), rest);
    if (budgetMs === null || budgetMs === undefined) {
      // not looked at is not passed
      yield { ...skip(scenario, "The budget has no time left for it."), kind: "inconclusive" };
      continue;
    }
    tell(`${index + 1} of ${able.length}: ${scenario.name}, for ${formatDuration(budgetMs)}`);
    const row = await superviseScenario({ scenario, budgetMs, words, patience, signal });
    yield row;
    if (failFast && (row.kind === "fail" || row.kind === "error")) {
      for (const rest of able.slice(index + 1))
        yield skip(rest.scenario, `After ${scenario.name}: --fail-fast.`);
      return;
    }
  }
}

/** What would run, for how long, and the most that each would take: a line each. */
export async function planSuite({
  scenarios,
  words,
  budgetMs,
}: Pick<SuiteRequest, "scenarios" | "words" | "budgetMs">): Promise<string[]> {
  const host = readHostFacts();
  const claims = await claimAll(scenarios, words, host);
  const able = claims.filter(({ mistakes }) => mistakes.length === 0);
  const shares = shareBudget(granted(budgetMs), able);
  return [
    ...able.map(({ scenario, peak }, index) => {
      const shareMs = shares[index];
      const time =
        typeof shareMs === "number" ? `for ${formatDuration(shareMs)}` : "not: the budget has no time for it";
      return `${scenario.name} ${time}, at most ${describePeak(peak)}`;
    }),
    ...claims
      .filter(({ mistakes }) => mistakes.length > 0)
      .map(({ scenario, mistakes }) => `${scenario.name} not: ${mistakes.join("; ")}`),
  ];
}

function claimAll(scenarios: readonly Discovered[], words: readonly string[], host: HostFacts) {
  return Promise.all(
    scenarios.map(async (scenario) => ({ scenario, ...(await claim(scenario, words, host)) })),
  );
}

/** What a scenario takes at its smallest and its full size, its start and end included; or why it cannot start here. */
async function claim(
  { name, scenario }: Discovered,
  words: readonly string[],
  host: HostFacts,
): Promise<Claim & { readonly peak: Plan["peak"]; readonly mistakes: readonly string[] }> {
  const prepare = (extra: readonly string[]) =>
    prepareRun(name, scenario, [...words, ...extra, "--dry-run"], process.env, host);
  const full = await prepare([]);
  const least = await prepare(["--smoke"]);
  if (full.kind !== "ready" || least.kind !== "ready") {
    // what is wrong at both sizes is told once
    const mistakes = new Set(
      [full, least].flatMap((prepared) => (prepared.kind === "mistakes" ? prepared.mistakes : [])),
    );
    return { leastMs: 0, fullMs: 0, peak: {}, mistakes: [...mistakes] };
  }
  const [leastMs, fullMs] = [least.plan.durationMs + OVERHEAD_MS, full.plan.durationMs + OVERHEAD_MS];
  return { leastMs: Math.min(leastMs, fullMs), fullMs, peak: full.plan.peak, mistakes: [] };
}

function skip({ name }: Discovered, sentence: string): SuiteRow {
  return {
    scenario: name,
    kind: "skipped",
    sentence,
    exitCode: null,
    tookMs: 0,
    budgetMs: 0,
    run: null,
    shrunk: [],
  };
}

function draftSuite(run: string, startedAt: Date, budgetMs: number): Suite {
  return {
    schemaVersion: 1,
    scenario: "stress-all",
    run,
    startedAt: startedAt.toISOString(),
    endedAt: null,
    durationMs: null,
    budgetMs,
    verdict: { kind: "unfinished", sentence: "Still running, or killed without a word." },
    exitCode: null,
    rows: [],
  };
}

function writeSuite(path: string, suite: Suite): void {
  replaceFile(join(path, "report.json"), toJson(suite));
  replaceFile(join(path, "report.md"), renderSuiteMarkdown(suite));
  replaceFile(join(path, "report.html"), renderSuitePage(suite));
}

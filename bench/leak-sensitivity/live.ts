/** Soaks the hub with leaks of known sizes and with health, a few at a time: what of it the trend verdict tells, and when. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { reportSchema } from "../../lib/report/report.ts";
import { type Discovered, discoverScenarios } from "../../lib/scenario/discover.ts";
import { PATIENCE, superviseScenario } from "../../lib/scenario/supervise.ts";
import type { Plant } from "./plants.ts";
import { type Replayed, replaySoak } from "./replay.ts";

export interface LiveSettings {
  readonly repeats: number;
  /** How many at a time. */
  readonly jobs: number;
  readonly plants: readonly Plant[];
  /** Where reports go, a folder for each run. */
  readonly out: string;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

export interface LiveResult {
  readonly plants: readonly Plant[];
  readonly runs: readonly Replayed[];
  /** Those that could not be judged, and why. */
  readonly failed: readonly string[];
}

/** More than the longest one takes. */
const BUDGET_MS = 10 * 60_000;

export async function soakPlants(settings: LiveSettings): Promise<LiveResult> {
  const { repeats, jobs, plants, out, signal, tell } = settings;
  const scenarios = await discoverScenarios(new URL("../../scripts/", import.meta.url));
  const scenario = scenarios.find(({ name }) => name === "idle-soak");
  if (!scenario) throw new Error("Cannot soak the hub: expected a scenario idle-soak");
  const queue = Array.from({ length: repeats }, () => plants)
    .flat()
    .entries();
  const runs: Replayed[] = [];
  const failed: string[] = [];
  const work = async () => {
    for (const [index, plant] of queue) {
      if (signal.aborted) return;
      const folder = join(out, `${index + 1}-${plant.name.replaceAll(" ", "-")}`);
      const run = await soakOnce(scenario, plant, folder, signal).catch((error: Error) => error.message);
      if (typeof run === "string") failed.push(`${plant.name}: ${run}`);
      else runs.push(run);
      tell(`${plant.name}: ${typeof run === "string" ? run : describe(run)}`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return { plants, runs, failed };
}

async function soakOnce(
  scenario: Discovered,
  plant: Plant,
  folder: string,
  signal: AbortSignal,
): Promise<Replayed> {
  mkdirSync(folder, { recursive: true });
  // several at a time are late now and then, which says nothing of what they find
  const size = ["--duration", `${plant.seconds}s`, "--min-samples", "80%"];
  const words = [...size, ...plant.words, "--quiet", "--out", folder];
  const row = await superviseScenario({ scenario, budgetMs: BUDGET_MS, words, patience: PATIENCE, signal });
  if (row.run === null) throw new Error(row.sentence);
  const report = reportSchema.parse(JSON.parse(readFileSync(join(folder, row.run, "report.json"), "utf8")));
  if (report.verdict.kind === "error" || report.verdict.kind === "interrupted") throw new Error(row.sentence);
  return replaySoak(plant, report.evidence);
}

function describe({ verdicts, growing }: Replayed): string {
  const told = Object.entries(verdicts).map(([seconds, verdict]) => `${seconds} s ${verdict}`);
  return [...told, ...(growing.length > 0 ? [growing.join(", ")] : [])].join("; ");
}

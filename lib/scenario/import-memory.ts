/** What stays of modules that were dropped, from round to round, and by the trend verdict. */
import type { Reloaded } from "../source/reloads.ts";
import { judgeChannel } from "../stats/channel.ts";
import { maximum } from "../stats/summary.ts";
import type { Measure } from "./measure.ts";
import { recordTrend } from "./trend-record.ts";
import { describeSlope, describeTrend } from "./trend-text.ts";

type Readings = Reloaded["readings"];

/** The least of each round: what no collection takes away, bytes. */
function floorsOf(readings: Readings): number[] {
  const floors = new Map<number, number>();
  for (const { round, liveBytes } of readings)
    floors.set(round, Math.min(liveBytes, floors.get(round) ?? liveBytes));
  return [...floors.values()];
}

/** From the first round to the last, bytes; null where there are not two. */
export function totalGrowth(readings: Readings): number | null {
  const floors = floorsOf(readings);
  const [first, last] = [floors[0], floors.at(-1)];
  return first === undefined || last === undefined || floors.length < 2 ? null : last - first;
}

/** The most that a round has left behind, bytes. */
export function largestStep(readings: Readings): number | null {
  const floors = floorsOf(readings);
  return maximum(floors.slice(1).map((floor, index) => floor - (floors[index] ?? floor)));
}

export function measureCreep(name: string, readings: Readings): Measure {
  const points = readings.map(({ atMs, liveBytes }, cycle) => [cycle, atMs, liveBytes] as const);
  const channel = judgeChannel({ kind: "live", name: `live bytes, ${name}`, points });
  const trends = [recordTrend(channel, "cycle")];
  const told = describeTrend(channel);
  if (channel.verdict === "inconclusive") return { outcome: "unknown", reason: told, trends };
  const slope = describeSlope(channel);
  const measured = channel.verdict === "growing" ? `+${slope}` : "level";
  const outcome = channel.verdict === "level" ? "held" : "broken";
  return { outcome, measured, limit: "no growth", evidence: [told], trends };
}

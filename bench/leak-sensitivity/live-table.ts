/** The table of the live runs, a row for each thing planted, and what of it is not as it has to be. */
import { maximum, median, minimum } from "../../lib/stats/summary.ts";
import { formatBytes, formatDuration } from "../../lib/units.ts";
import { alignColumns } from "./columns.ts";
import type { LiveResult } from "./live.ts";
import { type Leak, MARKS, type Mark, type Plant } from "./plants.ts";
import type { Replayed } from "./replay.ts";

export function renderLive({ plants, runs }: LiveResult): string {
  const head = [
    "planted in the hub",
    ...["has to be", "runs", ...MARKS.map((mark) => `in ${mark} s`)],
    ...["told after", "ended early", "kept in a cycle", "98 %", "excluded"],
  ];
  const rows = plants.map((plant) => renderPlant(plant, runsOf(runs, plant)));
  return [
    ...alignColumns([head, ...rows], 2),
    "",
    "in …: growing / inconclusive / level, of the runs judged as if they had ended there",
    "told after: from when on every look said that it grows; ended early: when two agreed, by --stop-early",
    "kept in a cycle: the slope at the end, its median and the widest interval; of health that of live bytes",
    "excluded: the smallest leak that the run would have told",
  ].join("\n");
}

function runsOf(runs: readonly Replayed[], plant: Plant): Replayed[] {
  return runs.filter((run) => run.plant.name === plant.name);
}

function renderPlant({ name, leak }: Plant, runs: readonly Replayed[]): string[] {
  const format = leak?.unit === "count" ? formatCount : formatBytes;
  const channels = runs.flatMap(({ channel }) => channel ?? []);
  const all = (key: "slopePerCycle" | "low" | "high" | "smallestLeakExcluded") =>
    channels.flatMap((channel) => channel[key] ?? []);
  const show = (value: number | null) => (value === null ? "–" : format(value));
  const within = leak ? leak.foundWithinSeconds : null;
  return [
    name,
    leak === null ? "spared" : within === null ? "–" : `found in ${within} s`,
    String(runs.length),
    ...MARKS.map((mark) => tally(runs, mark)),
    latest(runs.map(({ toldAfterMs }) => toldAfterMs)),
    latest(runs.map(({ endedAfterMs }) => endedAfterMs)),
    show(median(all("slopePerCycle"))),
    `${show(minimum(all("low")))} to ${show(maximum(all("high")))}`,
    show(maximum(all("smallestLeakExcluded"))),
  ];
}

function tally(runs: readonly Replayed[], mark: Mark): string {
  const verdicts = runs.flatMap((run) => run.verdicts[mark] ?? []);
  if (verdicts.length === 0) return "";
  const count = (wanted: string) => verdicts.filter((verdict) => verdict === wanted).length;
  return `${count("growing")} / ${count("inconclusive")} / ${count("level")}`;
}

function latest(all: readonly (number | null)[]): string {
  const told = all.filter((ms) => ms !== null);
  const most = maximum(told);
  if (most === null) return "–";
  return told.length < all.length ? `${formatDuration(most)} (${told.length})` : formatDuration(most);
}

function formatCount(value: number): string {
  return String(Number(value.toPrecision(2)));
}

/** A sentence for each target that was missed, and for each verdict that is wrong. */
export function findMisses({ plants, runs, failed }: LiveResult): string[] {
  return [
    ...failed.map((reason) => `Not judged: ${reason}`),
    ...plants.flatMap((plant) => {
      const { name, leak } = plant;
      const own = runsOf(runs, plant);
      if (own.length === 0) return [`${name}: no run of it was judged`];
      return leak === null ? findAlarms(name, own) : own.flatMap((run) => findMissed(name, leak, run));
    }),
  ];
}

function findAlarms(name: string, runs: readonly Replayed[]): string[] {
  const alarms = runs.filter(({ growing }) => growing.length > 0);
  return alarms.map(
    ({ growing }) => `False alarm: ${name} is healthy, and its ${growing.join(", ")} was called growing`,
  );
}

function findMissed(name: string, leak: Leak, { verdicts, growing, channel }: Replayed): string[] {
  const { foundWithinSeconds: mark, channels } = leak;
  const wrong = findWrong(name, leak, channel);
  if (mark === null) return wrong;
  const verdict = verdicts[mark] ?? "not judged";
  if (verdict !== "growing") return [`${name}: ${verdict} in ${mark} s`, ...wrong];
  if (growing.some((found) => channels.includes(found))) return wrong;
  return [`${name}: growing in ${mark} s, by ${growing.join(", ")}`, ...wrong];
}

/** Level says that no leak is above δ: one that is, and was called so, is no lack of time but a wrong verdict. */
function findWrong(name: string, { perCycle }: Leak, channel: Replayed["channel"]): string[] {
  if (channel?.verdict !== "level" || channel.smallestLeakExcluded === null) return [];
  const kept = Math.max(perCycle ?? 0, channel.slopePerCycle ?? 0);
  if (kept <= channel.smallestLeakExcluded) return [];
  return [`${name}: called level, with no leak above ${channel.smallestLeakExcluded}, and it keeps ${kept}`];
}

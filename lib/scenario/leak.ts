/** From what a target held at its quiet points to the trend verdict, and how an invariant tells it. */
import type { Channel, ChannelVerdict } from "../stats/channel-verdict.ts";
import { judgeSeries, type SeriesVerdict } from "../stats/series.ts";
import { maximum } from "../stats/summary.ts";
import { formatDuration } from "../units.ts";
import { type Measure, unknown } from "./measure.ts";
import type { Checkpoint } from "./target-watch.ts";
import { describeSlope, describeTrend } from "./trend-text.ts";

const COUNTS = ["descriptors", "sockets", "processes"] as const;

export interface TrendConditions {
  /** Declared by the user; null: the first third. */
  readonly warmUpMs: number | null;
  /** By how much the anonymous memory of a target whose live bytes cannot be had may grow. */
  readonly growthLimitBytes: number;
}

/** Pure: the same checkpoints give the same verdict. */
export function judgeCheckpoints(
  checkpoints: readonly Checkpoint[],
  conditions: TrendConditions,
): SeriesVerdict {
  const { warmUpMs, growthLimitBytes } = conditions;
  const first = checkpoints.find(({ anonymousBytes }) => anonymousBytes !== null)?.anonymousBytes ?? 0;
  return judgeSeries({
    channels: channelsOf(checkpoints),
    per: "cycle",
    warmUpMs: warmUpMs ?? 0,
    rssLimitBytes: first + growthLimitBytes,
  });
}

/** What lives after a collection where the engine tells it, else anonymous memory: at each quiet point, bytes. */
export function memoryOf(checkpoints: readonly Checkpoint[]): { values: number[]; what: string } {
  const read = (key: "liveBytes" | "anonymousBytes") =>
    checkpoints.map((at) => at[key]).filter((value) => value !== null);
  const live = read("liveBytes");
  return live.length > 0
    ? { values: live, what: "live bytes, after a forced collection" }
    : { values: read("anonymousBytes"), what: "anonymous memory" };
}

/** A channel for all that was read at least once: memory, counts, gauges with a name, timers and handles by kind. */
function channelsOf(checkpoints: readonly Checkpoint[]): Channel[] {
  const comparable = leaveOutOtherSums(checkpoints);
  const channel = (
    kind: Channel["kind"],
    name: string,
    read: (at: Checkpoint) => number | null | undefined,
  ) => {
    const points = comparable.flatMap((at) => {
      const value = read(at);
      return typeof value === "number" ? [[at.cycle, at.atMs, value] as const] : [];
    });
    return points.length === 0 ? [] : [{ kind, name, points }];
  };
  return [
    ...channel("live", "live bytes", ({ liveBytes }) => liveBytes),
    ...channel("anonymous-rss", "anonymous memory", ({ anonymousBytes }) => anonymousBytes),
    ...channel("threads", "threads", ({ threads }) => threads),
    ...COUNTS.flatMap((name) => channel("count", name, (at) => at[name])),
    ...namesIn(checkpoints, ({ named }) => named)
      .filter(isLevel)
      .flatMap((name) => channel("count", name, ({ named }) => named[name])),
    ...namesIn(checkpoints, ({ resources }) => resources).flatMap((kind) =>
      // a kind that is not there is none of it
      channel("count", kind, ({ resources }) => resources && (resources[kind] ?? 0)),
    ),
  ];
}

/** Where processes with an engine come and go, only the points with as many as most have are the same sum. */
function leaveOutOtherSums(checkpoints: readonly Checkpoint[]): Checkpoint[] {
  const times = new Map<number | null, number>();
  for (const { engines } of checkpoints) times.set(engines, (times.get(engines) ?? 0) + 1);
  const [most] = [...times].sort(([, one], [, other]) => other - one)[0] ?? [null];
  return checkpoints.map((at) => (at.engines === most ? at : { ...at, liveBytes: null, resources: null }));
}

/** A time is no thing that is kept. */
function isLevel(gauge: string): boolean {
  return !gauge.endsWith("Ms");
}

function namesIn(checkpoints: readonly Checkpoint[], read: (at: Checkpoint) => object | null): string[] {
  return [...new Set(checkpoints.flatMap((at) => Object.keys(read(at) ?? {})))];
}

/**
 * Growth breaks the invariant, and names what grows, and with `stayed` what of it was left; a run that cannot tell is unknown,
 * with what would decide.
 */
export function measureLeak(
  { verdict, reason, channels }: SeriesVerdict,
  stayed: readonly string[] = [],
): Measure {
  if (verdict === "inconclusive") return unknown(`${reason}${describeLonger(channels)}`);
  const growing = channels.filter((channel) => channel.verdict === "growing");
  const [worst] = growing;
  const evidence = channels.map((channel) => describeTrend(channel));
  if (!worst)
    return { outcome: "held", measured: "level", limit: "no growth", evidence: [reason, ...evidence] };
  return {
    outcome: "broken",
    measured: growing.map((channel) => `${channel.name} +${describeSlope(channel)}`).join("; "),
    limit: "no growth",
    evidence: [reason, ...evidence, ...stayed.map((line) => `stayed: ${line}`)],
  };
}

/** How long a run would decide all that this one could not; empty where nobody can say. */
function describeLonger(channels: readonly ChannelVerdict[]): string {
  const open = channels.filter(({ verdict }) => verdict === "inconclusive");
  const longest = maximum(open.flatMap(({ decidesAfterMs }) => decidesAfterMs ?? []));
  return longest === null ? "" : `; a run of ${formatDuration(longest)} would decide`;
}

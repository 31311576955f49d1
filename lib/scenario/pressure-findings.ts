/** What is told of containers under pressure: that it was there, what became of each, and whether the engine's story is one. */
import type { ContainerRecord } from "../engine/observed.ts";
import type { StoryLine, WatchRecord } from "../engine/watch.ts";
import { formatAmount, formatBytes, formatDuration } from "../units.ts";
import type { BoxLoadRecord } from "./box-load.ts";
import { measureWellAfter } from "./container-findings.ts";
import type { Pressure } from "./inside-pressure.ts";
import { atMost, type Measure, none, unknown, worst } from "./measure.ts";

export const PLACES = ["inside", "beside"] as const;

/** One time of pressure. */
export interface PressureRound {
  readonly place: (typeof PLACES)[number];
  readonly pressure: Pressure;
  /** What inside could not be started. */
  readonly refused: readonly string[];
  /** What beside was there. */
  readonly beside: BoxLoadRecord | null;
  /** From its end, until all were well; null: not in time. */
  readonly wellMs: number | null;
  readonly watch: WatchRecord;
}

const NEARLY = 0.9;

/** Each round's own; none: unknown. */
export function eachRound(
  rounds: readonly PressureRound[],
  judge: (round: PressureRound) => Measure,
): Measure {
  if (rounds.length === 0) return unknown("the run was ended before");
  return worst(rounds.map((round) => [round.place, judge(round)]));
}

/** Inside, it is there when a container had all it asked for, or was held back: killed for memory, kept from running. */
export function measurePressed({ pressure, refused, watch }: PressureRound, cores: number): Measure {
  const { containers } = watch;
  // all of them burn at once
  const share = cores / containers.length;
  if (refused.length > 0) return unknown(refused.join("; "));
  const wrong = containers.flatMap((one) => {
    const { name, peakMemoryBytes, ooms, oomKills, peakCores, throttledMs, limitBytes } = one;
    const memory =
      ooms + oomKills > 0 ||
      (peakMemoryBytes ?? 0) >= NEARLY * Math.min(pressure.memoryBytes, limitBytes ?? Infinity);
    const cpu = (throttledMs ?? 0) > 0 || (peakCores ?? 0) >= NEARLY * Math.min(pressure.workers, share);
    return [
      ...(pressure.kinds.includes("memory") && !memory
        ? [`${name}: at most ${formatBytes(peakMemoryBytes ?? 0)} of memory`]
        : []),
      ...(pressure.kinds.includes("cpu") && !cpu
        ? [`${name}: at most ${formatAmount(peakCores ?? 0, "share")} of a processor`]
        : []),
    ];
  });
  return none(wrong, containers.length, "containers");
}

/** Who has no policy may not end at all; who has one is started again each time. */
export function measureSurvived({ watch }: PressureRound): Measure {
  const { containers } = watch;
  const wrong = containers.flatMap((one) => {
    const end = tellEnd(one);
    return end === null ? [] : [`${one.name}: ${end}`];
  });
  const again = containers.filter(({ starts }) => starts > 0);
  const told = again.map(({ name, starts }) => `${name} was started again ${starts} times`);
  return none(wrong, containers.length, "containers", told);
}

function tellEnd({ gone, deaths, starts, status, restartPolicy }: ContainerRecord): string | null {
  if (gone) return "was removed";
  if (deaths.length > starts)
    return `ended with ${deaths.at(-1)}, and was not started again (policy ${restartPolicy})`;
  return status === "running" ? null : `is ${status}`;
}

export function measureWellSoon({ wellMs }: PressureRound, withinMs: number): Measure {
  return wellMs === null
    ? none([`not all were well within ${formatDuration(withinMs)}`], 1, "rounds")
    : atMost(wellMs, withinMs, "ms");
}

/** Those that were well before the first of it. */
export function measureWellAtLast(rounds: readonly PressureRound[]): Measure {
  const [first, last] = [rounds[0], rounds.at(-1)];
  if (!first || !last) return unknown("the run was ended before");
  const well = new Set(first.watch.containers.flatMap(({ name, wellBefore }) => (wellBefore ? name : [])));
  const containers = last.watch.containers.map((one) => ({ ...one, wellBefore: well.has(one.name) }));
  return measureWellAfter({ watch: { ...last.watch, containers } });
}

/** What the engine tells has to be a story: no end but of what runs, no start but of what does not, and time goes on. */
export function measureOrder({ watch }: PressureRound): Measure {
  if (!watch.listened) return unknown("the engine went away");
  const names = watch.containers.map(({ name }) => name);
  const wrong = names.flatMap((name) => {
    const amiss = disorderOf(watch.story.filter(({ container }) => container === name));
    return amiss === null ? [] : [`${name}: ${amiss}`];
  });
  return none(wrong, names.length, "stories");
}

/** An engine stamps what it tells before it tells it; and the kernel's word of a kill comes to it by another way than the end. */
const LATE_MS = 1000;

/** The first thing in it that cannot have come there. */
function disorderOf(story: readonly StoryLine[]): string | null {
  let running = true;
  let lastMs = -Infinity;
  let endedMs = -Infinity;
  for (const { what, atMs } of story) {
    if (atMs < lastMs - LATE_MS) return `"${what}" was told late`;
    lastMs = atMs;
    const ends = /^ended with/.test(what);
    if (ends && !running) return "ended twice without a start";
    if (what === "start" && running) return "was started while it ran";
    if (what === "oom" && !running && atMs > endedMs + LATE_MS)
      return "was killed for lack of memory while it did not run";
    if (ends) {
      running = false;
      endedMs = atMs;
    }
    if (what === "start") running = true;
  }
  return null;
}

/** Judges the channels of one run together: does the process leak? */
import { judgeChannel } from "./channel.ts";
import type { Cause, Channel, ChannelVerdict, Conditions, Verdict } from "./channel-verdict.ts";
import { slowsDown } from "./slowing.ts";
import { maximum, minimum } from "./summary.ts";
import { GROWTH_NEEDS_MS, OF_THAT } from "./thresholds.ts";

export interface Series extends Conditions {
  readonly channels: readonly Channel[];
  /** What the user allows a process whose heap cannot be read: its greatest anonymous RSS must stay within. */
  readonly rssLimitBytes?: number;
  /** Whether anonymous RSS is mostly a heap that takes what it is allowed before it collects, as of Java and .NET. */
  readonly managedHeap?: boolean;
  /** Whether live bytes are those of some processes only: they may show growth, but not that there is none. */
  readonly heapIsPart?: boolean;
}

export interface SeriesVerdict {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly channels: readonly ChannelVerdict[];
}

/**
 * Step 6 of DESIGN.md §7. Any channel growing is a leak. Level needs live bytes or a natural heap that is level, and every
 * count; without either heap, counts and an RSS within the user's own limit. What was not given is not asked for: of counts
 * alone the verdict is about counts, and says so.
 */
export function judgeSeries(series: Series): SeriesVerdict {
  const channels = dropZombie(series.channels);
  const ends = channels.flatMap(({ points }) =>
    [points.at(0), points.at(-1)].flatMap((point) => point?.[1] ?? []),
  );
  const run = { startMs: minimum(ends) ?? 0, endMs: maximum(ends) ?? 0 };
  const alone = channels.map((channel) =>
    refuseUnread(channel, judgeChannel(channel, { ...run, ...series })),
  );
  const longEnough = run.endMs - run.startMs >= GROWTH_NEEDS_MS["anonymous-rss"] * OF_THAT;
  const judged = weighTogether(alone, { longEnough, managedHeap: series.managedHeap ?? false });
  return { ...concludeTogether(judged, series), channels: judged };
}

/** A process that has ended and was not yet waited for reads RSS 0, and nothing else that was read then means anything. */
function dropZombie(channels: readonly Channel[]): readonly Channel[] {
  const dead = new Set(
    channels
      .filter(({ kind }) => kind === "anonymous-rss")
      .flatMap(({ points }) => points.filter(([, , value]) => value === 0).map(([, tMs]) => tMs)),
  );
  if (dead.size === 0) return channels;
  return channels.map((channel) => {
    const { points, majorCollections } = channel;
    const lives = (_: unknown, index: number) => !dead.has(points[index]?.[1] ?? Number.NaN);
    return {
      ...channel,
      points: points.filter(lives),
      ...(majorCollections && { majorCollections: majorCollections.filter(lives) }),
    };
  });
}

/** What grows in the readings that there are does grow; what is level in them may have grown in the others. */
function refuseUnread({ unread }: Channel, judged: ChannelVerdict): ChannelVerdict {
  if (unread === undefined || judged.verdict === "growing") return judged;
  return {
    ...judged,
    verdict: "inconclusive",
    cause: "unread",
    reason: unread,
    smallestLeakExcluded: null,
    decidesAfterMs: null,
  };
}

/** Better evidence first: what one channel shows may settle what another alone cannot. */
function weighTogether(
  channels: readonly ChannelVerdict[],
  { longEnough, managedHeap }: { readonly longEnough: boolean; readonly managedHeap: boolean },
): ChannelVerdict[] {
  const heaps = channels.filter(isHeap);
  const ended = heaps.find(({ cause }) => cause === "slowing" || cause === "paused");
  const risesToo = channels.some(({ kind, low }) => kind === "anonymous-rss" && low !== null && low > 0);
  return channels.map((channel) => {
    if (channel.kind === "anonymous-rss" && channel.verdict === "growing" && ended) {
      const reason = `it grew, but so did the ${ended.name} that it holds, and that growth slows down or has paused`;
      return { ...channel, verdict: "inconclusive", cause: "slowing", reason };
    }
    if (channel.kind === "anonymous-rss" && channel.verdict === "growing" && managedHeap) {
      const reason =
        "it grows, as a heap does that takes what it is allowed before it collects: allow it little, and run until it is full";
      return { ...channel, verdict: "inconclusive", cause: "uncollected", reason };
    }
    return channel.kind === "natural-heap" && risesToo && longEnough ? takeFive(channel) : channel;
  });
}

/** Of five readings 1 order in 120 rises all the way, which is the 1 % on each side of the interval; of four, 1 in 24. */
const FIVE = 5;

/** As few readings may show nothing but code that is still being compiled, which a natural heap counts: a KiB a cycle. */
const CLEARLY = 4;

/**
 * Five readings after major collections that all rise, and no slower in the end, are growth where anonymous RSS rises as
 * well: a run of two minutes has seldom more of them. It takes those two minutes that anonymous RSS needs, too: in the first
 * one compiled code rises like this.
 */
function takeFive(channel: ChannelVerdict): ChannelVerdict {
  const { floors, cause, low, smallestLeakExcluded: delta } = channel;
  const rises = cause === "few-readings" && floors.length === FIVE && low !== null && delta !== null;
  if (!rises || low < CLEARLY * delta || slowsDown(floors.map(([x, , value]) => [x, value]))) return channel;
  const reason = `all ${FIVE} readings after major collections rise, and anonymous RSS with them`;
  return { ...channel, verdict: "growing", cause: null, reason, decidesAfterMs: null };
}

function concludeTogether(
  channels: readonly ChannelVerdict[],
  { rssLimitBytes, channels: read, heapIsPart = false }: Series,
): Pick<SeriesVerdict, "verdict" | "reason"> {
  const growing = channels.filter(({ verdict }) => verdict === "growing");
  if (growing.length > 0) return { verdict: "growing", reason: tell(growing) };
  const heaps = channels.filter(isHeap);
  const resident = channels.filter(({ kind }) => kind === "anonymous-rss");
  const counts = channels.filter((channel) => !isHeap(channel) && !resident.includes(channel));
  // the same memory read in two ways is known by the better one; two heaps are two
  const known = (heap: ChannelVerdict) =>
    heap.verdict === "level" || heaps.some(({ kind, verdict }) => kind !== heap.kind && verdict === "level");
  const undecided = [
    ...heaps.filter((heap) => !known(heap)),
    ...counts.filter(({ verdict }) => verdict !== "level"),
  ];
  if (undecided.length > 0) return { verdict: "inconclusive", reason: tell(undecided) };
  if (heaps.length > 0 && !heapIsPart) {
    const reason =
      counts.length > 0 ? "memory that lives and every count are level" : "memory that lives is level";
    return { verdict: "level", reason };
  }
  if (resident.length === 0)
    return counts.length > 0
      ? { verdict: "level", reason: "every count is level; memory was not read" }
      : { verdict: "inconclusive", reason: "nothing was read" };
  const live = heaps.length > 0 ? "live bytes were read of a part of it only" : "live bytes were not read";
  return concludeForeign(resident, counts, { rssLimitBytes, channels: read, live });
}

/** Why an RSS within its limit may still be about to leave it. */
const UNDECIDED: readonly Cause[] = ["growing-so-far", "short", "unread", "uncollected"];

/** RSS alone can say that growth is below something, never that there is none. */
function concludeForeign(
  resident: readonly ChannelVerdict[],
  counts: readonly ChannelVerdict[],
  {
    rssLimitBytes,
    channels,
    live,
  }: Pick<Series, "channels"> & { readonly rssLimitBytes: number | undefined; readonly live: string },
): Pick<SeriesVerdict, "verdict" | "reason"> {
  const inconclusive = (reason: string) => ({ verdict: "inconclusive", reason }) as const;
  if (rssLimitBytes === undefined)
    return inconclusive(
      "anonymous RSS alone cannot exclude a leak: read live bytes, or give a limit for RSS",
    );
  const read = channels.filter(({ kind }) => kind === "anonymous-rss");
  const most = maximum(read.flatMap(({ points }) => points.map(([, , value]) => value)));
  if (most === null) return inconclusive("nothing was read of RSS");
  if (most > rssLimitBytes) return inconclusive(`RSS went over its limit, and ${live}`);
  if (counts.length === 0) return inconclusive("RSS stayed within its limit, but nothing was counted");
  const unsure = resident.filter(({ cause }) => cause !== null && UNDECIDED.includes(cause));
  if (unsure.length > 0) return inconclusive(tell(unsure));
  return {
    verdict: "level",
    reason: `every count is level and RSS stayed within its limit; ${live}`,
  };
}

function isHeap({ kind }: ChannelVerdict): boolean {
  return kind === "live" || kind === "natural-heap";
}

function tell(channels: readonly ChannelVerdict[]): string {
  return channels.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
}

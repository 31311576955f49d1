/** From what was read at quiet points to the series that are judged: what is missing is said, and what is no thing that is kept is put aside. */
import type { Channel } from "../stats/channel-verdict.ts";
import { type Meaning, meaningOf } from "../target/gauge-meaning.ts";
import { formatAmount } from "../units.ts";
import type { Checkpoint } from "./target-watch.ts";

const COUNTS = ["descriptors", "sockets", "processes"] as const;

export interface LeakChannels {
  readonly channels: readonly Channel[];
  /** What is shown and not judged, a line each, with the reason. */
  readonly aside: readonly string[];
}

/** Memory, counts, gauges with a name, timers and handles by kind. */
export function channelsOf(checkpoints: readonly Checkpoint[]): LeakChannels {
  const comparable = leaveOutOtherSums(checkpoints);
  const hasKernel = checkpoints.some(({ anonymousBytes }) => anonymousBytes !== null);
  const channel = (
    kind: Channel["kind"],
    name: string,
    key: string,
    read: (at: Checkpoint) => number | null | undefined,
  ): Channel => {
    const points = comparable.flatMap((at) => {
      const value = read(at);
      return typeof value === "number" ? [[at.cycle, at.atMs, value] as const] : [];
    });
    const unread = describeUnread(checkpoints, points.length, key);
    return { kind, name, points, ...(unread !== null && { unread }) };
  };
  // where none of it can be read, on another system or of a URL alone, nobody waits for it
  const kernel = hasKernel
    ? [
        channel("anonymous-rss", "anonymous memory", "anonymousBytes", (at) => at.anonymousBytes),
        channel("threads", "threads", "threads", ({ threads }) => threads),
        ...COUNTS.map((name) => channel("count", name, name, (at) => at[name])),
      ]
    : [];
  const gauges = namesIn(checkpoints, ({ named }) => named).map((name) => ({
    name,
    meaning: findMeaning(checkpoints, name),
  }));
  const channels = [
    ...(isAsked(checkpoints) ? [channel("live", "live bytes", "liveBytes", (at) => at.liveBytes)] : []),
    ...kernel,
    ...gauges.flatMap(({ name, meaning }) => {
      const kind = KINDS[meaning];
      return kind === null ? [] : [channel(kind, name, `gauge ${name}`, ({ named }) => named[name])];
    }),
    ...namesIn(comparable, ({ resources }) => resources).map((kind) => {
      // a kind that is not there is none of it; where none could be read, live bytes say so
      const { unread: _, ...handles } = channel(
        "count",
        kind,
        "liveBytes",
        ({ resources }) => resources && (resources[kind] ?? 0),
      );
      return handles;
    }),
  ];
  return { channels, aside: gauges.flatMap(({ name, meaning }) => tellAside(checkpoints, name, meaning)) };
}

/** What a gauge is judged as; null: it is not. */
const KINDS: Readonly<Record<Meaning, "count" | "bytes" | null>> = {
  things: "count",
  bytes: "bytes",
  counter: null,
  time: null,
  resident: null,
};

const ASIDE: Readonly<Partial<Record<Meaning, string>>> = {
  counter: "a counter, which only ever rises",
  time: "a time",
  resident: "resident memory, of which the kernel tells more",
};

function tellAside(checkpoints: readonly Checkpoint[], name: string, meaning: Meaning): string[] {
  const why = ASIDE[meaning];
  if (why === undefined) return [];
  const values = checkpoints.flatMap(({ named }) => named[name] ?? []);
  const [first, last] = [values[0], values.at(-1)];
  const shown =
    first === undefined || last === undefined
      ? "never read"
      : `${formatAmount(first, "count")} → ${formatAmount(last, "count")}`;
  return [`${name}: ${shown}, not judged: it is ${why}`];
}

function findMeaning(checkpoints: readonly Checkpoint[], name: string): Meaning {
  // what the target says of it may come with a later answer
  const told = checkpoints.findLast(({ meanings }) => meanings?.[name] !== undefined);
  return told?.meanings?.[name] ?? meaningOf([name], null);
}

/** Whether it has an engine that was asked for what lives, be it in vain. */
export function isAsked(checkpoints: readonly Checkpoint[]): boolean {
  return checkpoints.some(({ engines }) => engines !== null);
}

/** Why a series that was read at fewer than half of the quiet points cannot be found level; null where it can. */
export function describeUnread(
  checkpoints: readonly Checkpoint[],
  times: number,
  key: string,
): string | null {
  if (checkpoints.length === 0 || times * 2 >= checkpoints.length) return null;
  const reason = checkpoints.findLast(({ unread }) => unread?.[key] !== undefined)?.unread?.[key];
  const usual =
    key === "liveBytes"
      ? "not as many processes answered at the others"
      : "it could not be had at the others";
  return `it was read at ${times} of ${checkpoints.length} quiet points: ${reason ?? usual}`;
}

/**
 * Where processes with an engine come and go, only the points with as many as most have are the same sum. A point at which
 * nobody answered is none of these, however often that was so.
 */
export function leaveOutOtherSums(checkpoints: readonly Checkpoint[]): Checkpoint[] {
  const times = new Map<number, number>();
  for (const { engines } of checkpoints) if (engines) times.set(engines, (times.get(engines) ?? 0) + 1);
  const [most] = [...times].sort(([, one], [, other]) => other - one)[0] ?? [null];
  return checkpoints.map((at) =>
    at.engines !== null && at.engines === most ? at : { ...at, liveBytes: null, resources: null },
  );
}

function namesIn(checkpoints: readonly Checkpoint[], read: (at: Checkpoint) => object | null): string[] {
  return [...new Set(checkpoints.flatMap((at) => Object.keys(read(at) ?? {})))];
}

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
    const values = comparable.map(read);
    const points = comparable.flatMap(({ cycle, atMs }, index) => {
      const value = values[index];
      return typeof value === "number" ? [[cycle, atMs, value] as const] : [];
    });
    const unread = describeUnread(checkpoints, values, key);
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
  heap: null,
};

const ASIDE: Readonly<Partial<Record<Meaning, string>>> = {
  counter: "a counter, which only ever rises",
  time: "a time",
  resident: "resident memory, of which the kernel tells more",
  heap: "a heap, which rises until it is collected",
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

/** Whether what its engines tell is, at most points, the memory of all its processes that hold any. */
export function tellsAll(checkpoints: readonly Checkpoint[]): boolean {
  const partly = checkpoints.filter(({ heapIsPart }) => heapIsPart).length;
  return isAsked(checkpoints) && partly * 2 <= checkpoints.length;
}

/**
 * Why a series that was read at fewer than half of the quiet points, or of the last third of them, cannot be found level: what it
 * did meanwhile nobody saw. Null where it can. `values`: of each point, null where it was not read.
 */
export function describeUnread(
  checkpoints: readonly Checkpoint[],
  values: readonly (number | null | undefined)[],
  key: string,
): string | null {
  const lastThird = values.slice(Math.floor((values.length * 2) / 3));
  const [seldom] = [values, lastThird].filter((part) => countRead(part) * 2 < part.length);
  if (!seldom) return null;
  const reason = checkpoints.findLast(({ unread }) => unread?.[key] !== undefined)?.unread?.[key];
  const usual =
    key === "liveBytes"
      ? "not as many processes answered at the others"
      : "it could not be had at the others";
  const which = seldom === values ? "quiet points" : "quiet points in the last third";
  return `it was read at ${countRead(seldom)} of ${seldom.length} ${which}: ${reason ?? usual}`;
}

function countRead(values: readonly (number | null | undefined)[]): number {
  return values.filter((value) => typeof value === "number").length;
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

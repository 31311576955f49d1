/** Makes the rows of the table from what a contest recorded: ratios of medians, their spread, and what was reached. */
import { maximum, median, minimum } from "../lib/stats/summary.ts";
import type { Contest, Recording, Row } from "./contest.ts";

export interface Result extends Row {
  readonly peer: string | null;
  /** Every value, in the order of the pairs. */
  readonly ourValues: readonly number[];
  readonly peerValues: readonly number[];
  readonly ourMedian: number | null;
  readonly peerMedian: number | null;
  readonly ratio: number | null;
  /** Least and greatest of what the target is about, over the pairs. */
  readonly spread: readonly [number, number] | null;
  readonly outcome: "reached" | "short" | "told" | "skipped";
  readonly why: string | null;
}

/** What is missing on either side skips a row; a fault of our own falls short. */
export function judge(row: Row, { contestants }: Contest, recording: Recording): Result {
  const values = (name: string) =>
    (recording[name]?.figures ?? []).flatMap((figures) => figures[row.figure] ?? []);
  const peer = findBest(row, recording, (name) => median(values(name)) ?? 0);
  const ourValues = values(row.ours);
  const peerValues = peer === null ? [] : values(peer);
  const [ourMedian, peerMedian] = [median(ourValues), median(peerValues)];
  const ratio = ourMedian === null || peerMedian === null ? null : ourMedian / peerMedian;
  const ofOwn = row.target?.of === "own";
  const ratios = ourValues.map((value, pair) => value / (peerValues[pair] ?? Number.NaN));
  const judged = ofOwn ? ourValues : ratios.filter(Number.isFinite);
  const [least, most] = [minimum(judged), maximum(judged)];
  return {
    ...row,
    ...{ peer, ourValues, peerValues, ourMedian, peerMedian, ratio },
    spread: least === null || most === null ? null : [least, most],
    ...conclude(row, ofOwn ? ourMedian : ratio, {
      missing: contestants[row.ours]?.missing ?? null,
      wrong: recording[row.ours]?.wrong ?? null,
      peers: row.peers.flatMap((name) => recording[name]?.wrong ?? []).join("; "),
    }),
  };
}

/** The best of the peers that did their work, by whether the target wants more or less. */
function findBest(
  { peers, target }: Row,
  recording: Recording,
  value: (name: string) => number,
): string | null {
  const sign = target?.atMost === undefined ? 1 : -1;
  const able = peers.filter((name) => recording[name]?.wrong === null);
  return able.sort((a, b) => sign * (value(b) - value(a)))[0] ?? null;
}

interface Reasons {
  readonly missing: string | null;
  readonly wrong: string | null;
  readonly peers: string;
}

function conclude(
  { target }: Row,
  measured: number | null,
  { missing, wrong, peers }: Reasons,
): Pick<Result, "outcome" | "why"> {
  if (missing) return { outcome: "skipped", why: missing };
  if (wrong) return { outcome: "short", why: wrong };
  if (measured === null) return { outcome: "skipped", why: peers };
  if (!target) return { outcome: "told", why: null };
  const { atLeast = -Infinity, atMost = Infinity } = target;
  return { outcome: measured >= atLeast && measured <= atMost ? "reached" : "short", why: null };
}

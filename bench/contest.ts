/** A contest: one kind of work done by Proofload and its peers in turn, and the rows of the table made from it. */

import { maximum, median, minimum } from "../lib/stats/summary.ts";
import { calm } from "./calm.ts";

/** What one measurement found, by name. */
export type Figures = Readonly<Record<string, number>>;

export interface Contestant {
  /** Why it cannot run here. */
  readonly missing?: string | null;
  /** Measured in the round of the warm-up only: for what is told beside and takes long. */
  readonly once?: boolean;
  measure(): Promise<Figures>;
}

export interface Row {
  readonly work: string;
  /** Which figure is compared. */
  readonly figure: string;
  readonly unit: string;
  readonly ours: string;
  /** Names of contestants: the best of them is the peer. */
  readonly peers: readonly string[];
  /** Of the ratio of medians, or of our own median; a row without a target only tells. */
  readonly target?: { readonly of: "ratio" | "own"; readonly atLeast?: number; readonly atMost?: number };
}

export interface Contest {
  readonly name: string;
  readonly contestants: Readonly<Record<string, Contestant>>;
  readonly rows: readonly Row[];
}

/** Every figure that each contestant reached, in the order of the pairs, or why it has none. */
export type Recording = Readonly<Record<string, { figures: Figures[]; wrong: string | null }>>;

/** One round first that does not count; then so many in which the order turns round each time, so that nobody is always second. */
export async function hold(
  contest: Contest,
  pairs: number,
  tell: (line: string) => void,
): Promise<Recording> {
  const names = Object.keys(contest.contestants);
  const recording = Object.fromEntries(names.map((name) => [name, start(contest.contestants[name])]));
  for (let pair = 0; pair <= pairs; pair++) {
    for (const name of pair % 2 === 0 ? names : names.toReversed()) {
      const contestant = contest.contestants[name];
      const record = recording[name];
      if (!contestant || !record || record.wrong || (contestant.once && pair > 0)) continue;
      tell(`${contest.name}: ${pair === 0 ? "warm-up" : `pair ${pair} of ${pairs}`}, ${name}`);
      try {
        await calm();
        const figures = await contestant.measure();
        if (pair > 0 || contestant.once) record.figures.push(figures);
      } catch (error) {
        record.wrong = error instanceof Error ? error.message : String(error);
      }
    }
  }
  return recording;
}

function start(contestant: Contestant | undefined): { figures: Figures[]; wrong: string | null } {
  return { figures: [], wrong: contestant?.missing ?? null };
}

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

/** Makes a row's result of the recording. What is missing on the peer's side skips the row; a fault on ours falls short. */
export function judge(row: Row, { contestants }: Contest, recording: Recording): Result {
  const values = (name: string) =>
    (recording[name]?.figures ?? []).flatMap((figures) => figures[row.figure] ?? []);
  const ours = values(row.ours);
  const ourMedian = median(ours);
  const peers = row.peers.filter((name) => recording[name]?.wrong === null);
  const higherIsBetter = row.target?.atMost === undefined;
  const peer = peers.reduce<string | null>((best, name) => {
    if (best === null) return name;
    const better = (median(values(name)) ?? 0) > (median(values(best)) ?? 0);
    return better === higherIsBetter ? name : best;
  }, null);
  const theirs = peer === null ? [] : values(peer);
  const peerMedian = median(theirs);
  const ratio = ourMedian === null || peerMedian === null ? null : ourMedian / peerMedian;
  const judged =
    row.target?.of === "own" ? ours : ours.map((value, pair) => value / (theirs[pair] ?? Number.NaN));
  const [least, most] = [minimum(judged), maximum(judged)];
  const wrong = recording[row.ours]?.wrong ?? null;
  const peersWrong = row.peers
    .map((name) => recording[name]?.wrong)
    .filter(Boolean)
    .join("; ");
  const measured = row.target?.of === "own" ? ourMedian : ratio;
  return {
    ...row,
    ...{ peer, ourValues: ours, peerValues: theirs, ourMedian, peerMedian, ratio },
    spread: least === null || most === null ? null : [least, most],
    ...conclude(row, measured, wrong, contestants[row.ours]?.missing ? wrong : peersWrong),
  };
}

function conclude(
  { target }: Row,
  measured: number | null,
  wrong: string | null,
  missing: string | null,
): Pick<Result, "outcome" | "why"> {
  if (measured === null)
    return wrong && wrong !== missing
      ? { outcome: "short", why: wrong }
      : { outcome: "skipped", why: missing };
  if (!target) return { outcome: "told", why: wrong };
  const { atLeast = -Infinity, atMost = Infinity } = target;
  const reached = measured >= atLeast && measured <= atMost && wrong === null;
  return { outcome: reached ? "reached" : "short", why: wrong };
}

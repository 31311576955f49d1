/** A contest: one kind of work, done by Proofload and its peers in turn. */

import { calm } from "./calm.ts";

/** What one measurement found, by name. */
export type Figures = Readonly<Record<string, number>>;

export interface Contestant {
  /** Why it cannot run here. */
  readonly missing?: string | null;
  /** Measured before the pairs only: for what is told beside and takes long. */
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
  /** Every measurement brings its own warm-up. */
  readonly warmsItself?: boolean;
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
      if (!contestant || !record || record.wrong) continue;
      if (pair === 0 ? contest.warmsItself && !contestant.once : contestant.once) continue;
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

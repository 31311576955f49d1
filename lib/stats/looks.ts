/** Whether a run may stop early: one look at a verdict may be luck, so two must agree. */
import type { SeriesVerdict } from "./series.ts";

export interface Look {
  /** How long the run had lasted. */
  readonly atMs: number;
  readonly verdict: Pick<SeriesVerdict, "verdict" | "channels">;
}

/** The second look must rest on so much more of the run than the first: three of its 24 blocks. */
const MORE = 9 / 8;

/**
 * True when the last look and an earlier one, with no other answer in between and enough of the run between them, agree:
 * both level, or one and the same channel growing in both. Looks are in the order of time.
 */
export function mayStop(looks: readonly Look[]): boolean {
  const last = looks.at(-1);
  if (!last || last.verdict.verdict === "inconclusive") return false;
  for (const look of looks.slice(0, -1).reverse()) {
    if (!agree(look, last)) return false;
    if (last.atMs >= look.atMs * MORE) return true;
  }
  return false;
}

function agree({ verdict: one }: Look, { verdict: other }: Look): boolean {
  if (one.verdict !== other.verdict) return false;
  if (one.verdict === "level") return true;
  const names = growing(one);
  return growing(other).some((name) => names.includes(name));
}

function growing({ channels }: Look["verdict"]): string[] {
  return channels.filter(({ verdict }) => verdict === "growing").map(({ name }) => name);
}

/** Keeps the readings of a channel few while they come, without moving a floor: a recording of days is judged by 24 of them. */
import { AFTER_COLLECTION_MS, type Point } from "./floors.ts";

/** A reading, and the count of major collections at it where that is read. */
type Reading = readonly [point: Point, collections: number | null];

export interface Thinning {
  add(reading: Reading): void;
  list(): readonly Reading[];
}

/** So many are kept, or a little more where collections come thick. */
const MOST = 1 << 17;

/**
 * The lowest of every so many neighbours: of all, as long as there is room; then of two, of four … alike over the whole run.
 * The first and the last stay, who say how long it was.
 */
export function keepLowest(most = MOST): Thinning {
  let kept: Reading[] = [];
  let every = 1;
  let inBucket = 0;
  let first: Reading | null = null;
  let last: Reading | null = null;
  return {
    add(reading) {
      first ??= reading;
      last = reading;
      const lowest = kept.at(-1);
      if (inBucket === 0 || !lowest) kept.push(reading);
      else if (reading[0][2] < lowest[0][2]) kept[kept.length - 1] = reading;
      inBucket = (inBucket + 1) % every;
      if (inBucket > 0 || kept.length < most) return;
      kept = kept.flatMap((one, at) => (at % 2 === 0 ? [lower(one, kept[at + 1] ?? one)] : []));
      every *= 2;
    },
    list: () => (every === 1 || !first || !last ? kept : [first, ...kept, last]),
  };
}

function lower(one: Reading, other: Reading): Reading {
  return other[0][2] < one[0][2] ? other : one;
}

/** Those in the second after each collection, and the first and the last: nothing else of a natural heap is looked at. */
export function keepAfterCollections(): Thinning {
  const kept: Reading[] = [];
  let before: number | null = null;
  let sinceMs = Number.NEGATIVE_INFINITY;
  let last: Reading | null = null;
  return {
    add(reading) {
      const [[, tMs], count] = reading;
      if (count !== null && before !== null && count > before) sinceMs = tMs;
      const isFirst = kept.length === 0;
      if (isFirst || (tMs >= sinceMs && tMs - sinceMs < AFTER_COLLECTION_MS)) kept.push(reading);
      before = count ?? before;
      last = reading;
    },
    list: () => (last && last !== kept.at(-1) ? [...kept, last] : kept),
  };
}

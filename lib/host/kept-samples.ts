/** The samples of a run in memory: all of them for hours, and of a run of days fewer of its older part. On disk are all. */
import type { Sample } from "./gauges.ts";

/** At four a second, 80 minutes; some 20 MB. */
const MOST = 20_000;

export interface KeptSamples {
  /** In order of time; the same array for as long as the run lasts. */
  readonly all: readonly Sample[];
  add(sample: Sample): void;
}

/** Whenever there are too many, every other one of the older half goes, but for those by which phases are judged. */
export function keepSamples(most = MOST): KeptSamples {
  const all: Sample[] = [];
  let room = most;
  return {
    all,
    add(sample) {
      all.push(sample);
      if (all.length < room) return;
      const older = all.splice(0, all.length >> 1);
      const judged = findJudged(older);
      const kept = older.filter((one, index) => index % 2 === 0 || judged.has(one));
      all.unshift(...kept);
      // of very many phases little can go: then not at each sample anew
      room = Math.max(most, all.length + (most >> 2));
    },
  };
}

/** Where a phase begins and ends, and in each the lowest and the highest reading of every gauge. */
function findJudged(samples: readonly Sample[]): ReadonlySet<Sample> {
  const lowest = new Map<string, Extreme>();
  const highest = new Map<string, Extreme>();
  const judged = new Set<Sample>();
  for (const [index, sample] of samples.entries()) {
    const { phase, gauges, named } = sample;
    if (phase !== samples[index - 1]?.phase || phase !== samples[index + 1]?.phase) judged.add(sample);
    for (const [name, value] of [...Object.entries(gauges), ...Object.entries(named)]) {
      if (typeof value !== "number") continue;
      const key = `${phase} ${name}`;
      if (value < (lowest.get(key)?.value ?? Infinity)) lowest.set(key, { value, sample });
      if (value > (highest.get(key)?.value ?? -Infinity)) highest.set(key, { value, sample });
    }
  }
  for (const { sample } of [...lowest.values(), ...highest.values()]) judged.add(sample);
  return judged;
}

interface Extreme {
  readonly value: number;
  readonly sample: Sample;
}

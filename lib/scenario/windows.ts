/** The samples of a run by phase, and what can be read off such a window. */
import type { GaugeName, Sample } from "../host/gauges.ts";
import { type PhaseKind, phaseName } from "./phase.ts";

export interface Windows {
  readonly all: readonly Sample[];
  /** The samples of all phases of this kind, or of the one with this label. */
  of(kind: PhaseKind, label?: string): readonly Sample[];
}

export function createWindows(all: readonly Sample[]): Windows {
  return {
    all,
    of: (kind, label) =>
      all.filter(({ phase }) =>
        label === undefined ? isOfKind(phase, kind) : phase === phaseName(kind, label),
      ),
  };
}

function isOfKind(phase: string, kind: PhaseKind): boolean {
  return phase === kind || phase.startsWith(`${kind} `);
}

/** The readings of one gauge, those that could not be had left out. */
export function readings(samples: readonly Sample[], gauge: GaugeName): number[] {
  return samples.map(({ gauges }) => gauges[gauge]).filter((value) => typeof value === "number");
}

/** The same of one that the target, or the user, has named; null where no target has such a gauge. */
export function namedReadings(samples: readonly Sample[], name: string): number[] | null {
  if (!samples.some(({ named }) => name in named)) return null;
  return samples.map(({ named }) => named[name]).filter((value) => typeof value === "number");
}

/** By how much a counter grew from the first to the last sample; null with fewer than two readings. */
export function increase(samples: readonly Sample[], counter: GaugeName): number | null {
  const values = readings(samples, counter);
  const [first] = values;
  const last = values.at(-1);
  return first === undefined || last === undefined || values.length < 2 ? null : last - first;
}

/** From the first sample to the last, ms. */
export function elapsedMs(samples: readonly Sample[]): number {
  return (samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0);
}

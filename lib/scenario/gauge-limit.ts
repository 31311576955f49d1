/** Judges a gauge of the target's own by its readings; one that it does not have is skipped, with the way to name it. */
import { maximum } from "../stats/summary.ts";
import type { Unit } from "../units.ts";
import { atMost, drawnOn, type Measure, skipped } from "./measure.ts";
import { namedReadings, type Windows } from "./windows.ts";

/** Holds when no reading of it is above the limit, which is drawn on its curve. */
export function neverAbove(name: string, windows: Windows, limit: number, unit: Unit): Measure {
  return ofGauge(name, namedReadings(windows.all, name), (values) =>
    drawnOn(name, atMost(maximum(values), limit, unit, [`${values.length} readings`])),
  );
}

export function ofGauge(
  name: string,
  values: number[] | null,
  measure: (values: number[]) => Measure,
): Measure {
  return values === null
    ? skipped(`the target has no gauge ${name}: --gauge ${name}=SOURCE`)
    : measure(values);
}

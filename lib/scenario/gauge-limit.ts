/** Judges a gauge of the target's own by its readings; one that it does not have is skipped, with the way to name it. */
import type { NamedReadings } from "../host/gauges.ts";
import { maximum } from "../stats/summary.ts";
import type { Unit } from "../units.ts";
import { atMost, drawnOn, type Measure, skipped, unknown } from "./measure.ts";
import { namedReadings, type Windows } from "./windows.ts";

/** Holds when no reading of it is above the limit, which is drawn on its curve. */
export function neverAbove(name: string, windows: Windows, limit: number, unit: Unit): Measure {
  return ofGauge(name, namedReadings(windows.all, name), (values) =>
    drawnOn(name, atMost(maximum(values), limit, unit, [`${values.length} readings`])),
  );
}

/** Holds when it is no more than it was before. */
export function cameBack(
  name: string,
  { before, after, cutShort }: Record<"before" | "after", NamedReadings> & { readonly cutShort: boolean },
): Measure {
  const [first = null, last = null] = [before[name], after[name]];
  return ofGauge(name, first === null ? null : [first], () =>
    cutShort
      ? unknown("the run was ended early")
      : atMost(last && Math.max(0, last - (first ?? 0)), 0, "count"),
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

/** Where an axis has its ticks: at round numbers of its unit, a few of them. */
import type { Unit } from "../../units.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What people count time by. */
const TIME_STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 5, 10, 20].map((days) => days * DAY),
];

/** From `low` to `high`, both included where they are round, at most `most` of them. */
export function ticks(low: number, high: number, unit: Unit, most: number): number[] {
  const step = stepOf((high - low) / most, unit);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => (first + index) * step);
}

/** The smallest round step that is no less. */
function stepOf(least: number, unit: Unit): number {
  if (!(least > 0)) return 1;
  if (unit === "ms") return TIME_STEPS.find((step) => step >= least) ?? decimal(least);
  if (unit === "count") return Math.max(1, decimal(least));
  return unit === "bytes" ? 2 ** Math.ceil(Math.log2(least)) : decimal(least);
}

/** 1, 2 or 5 of a power of ten. */
function decimal(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10);
}

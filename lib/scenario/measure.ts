/** How an invariant says what it found: measured beside its limit, or why it could not be measured. */
import type { Bound, LimitLine, Trend } from "../report/finding.ts";
import { formatAmount, type Unit } from "../units.ts";

export type Measure =
  | {
      readonly outcome: "held" | "broken";
      readonly measured: string;
      readonly limit: string;
      /** The measured number, for comparing runs, where it is one. */
      readonly value?: number;
      readonly unit?: Unit;
      readonly bound?: Bound;
      /** Where its limit is drawn. */
      readonly line?: LimitLine;
      /** What it was judged by, where that is a trend. */
      readonly trends?: readonly Trend[];
      /** What else a reader needs to believe it, a line each. */
      readonly evidence: readonly string[];
    }
  | { readonly outcome: "unknown"; readonly reason: string; readonly trends?: readonly Trend[] }
  | { readonly outcome: "skipped"; readonly reason: string };

type Reading = number | null | undefined;

/** Holds when the value is at most the limit. No value: unknown. */
export function atMost(value: Reading, limit: number, unit: Unit, evidence: readonly string[] = []): Measure {
  const bound = { is: "atMost", value: limit } as const;
  return compare(value, (number) => number <= limit, `≤ ${formatAmount(limit, unit)}`, {
    unit,
    bound,
    evidence,
  });
}

export function below(value: Reading, limit: number, unit: Unit, evidence: readonly string[] = []): Measure {
  const bound = { is: "below", value: limit } as const;
  return compare(value, (number) => number < limit, `< ${formatAmount(limit, unit)}`, {
    unit,
    bound,
    evidence,
  });
}

export function atLeast(
  value: Reading,
  limit: number,
  unit: Unit,
  evidence: readonly string[] = [],
): Measure {
  const bound = { is: "atLeast", value: limit } as const;
  return compare(value, (number) => number >= limit, `≥ ${formatAmount(limit, unit)}`, {
    unit,
    bound,
    evidence,
  });
}

/** Holds when the value is no further from the target than the tolerance. */
export function within(
  value: Reading,
  target: number,
  tolerance: number,
  unit: Unit,
  evidence: readonly string[] = [],
): Measure {
  const limit = `${formatAmount(target, unit)} ± ${formatAmount(tolerance, unit)}`;
  return compare(value, (number) => Math.abs(number - target) <= tolerance, limit, { unit, evidence });
}

/** Holds when nothing is listed: each entry is one of so many things that went wrong. Out of none: unknown. `told`: what else is to be known of it. */
export function none(
  wrong: readonly string[],
  of: number,
  what: string,
  told: readonly string[] = [],
): Measure {
  if (of === 0) return unknown(`there were no ${what}`);
  const shown = wrong.slice(0, 10);
  if (wrong.length > shown.length) shown.push(`and ${wrong.length - shown.length} more`);
  return {
    outcome: wrong.length === 0 ? "held" : "broken",
    measured: `${wrong.length} of ${of} ${what} amiss`,
    limit: "none",
    value: wrong.length,
    unit: "count",
    bound: { is: "atMost", value: 0 },
    evidence: [...shown, ...told],
  };
}

/** What one of several came to, and a line that tells it. */
export interface Judged {
  readonly is: "held" | "broken" | "unknown";
  readonly line: string;
}

/** Broken where one is; else unknown where one is; else held, with what each showed. */
export function allOf(judged: readonly Judged[], what: string): Measure {
  const linesOf = (is: Judged["is"]) => judged.filter((one) => one.is === is).map(({ line }) => line);
  const [wrong, [open]] = [linesOf("broken"), linesOf("unknown")];
  if (wrong.length > 0) return none(wrong, judged.length, what);
  return open === undefined ? none([], judged.length, what, linesOf("held")) : unknown(open);
}

/** Holds when this is so, for what is no number. */
export function so(
  holds: boolean,
  measured: string,
  limit: string,
  evidence: readonly string[] = [],
): Measure {
  return { outcome: holds ? "held" : "broken", measured, limit, evidence };
}

/** The limit is drawn where it belongs: on the curve of this gauge, at its own value or at another that means the same there. */
export function drawnOn(gauge: string, measure: Measure, at?: number): Measure {
  if (!("bound" in measure) || !measure.bound) return measure;
  return { ...measure, line: { gauge, at: at ?? measure.bound.value } };
}

/** The worst of several measures of one sentence, with what the others measured as evidence. Nothing measured: unknown. */
export function worst(measures: readonly (readonly [label: string, measure: Measure])[]): Measure {
  const order = ["broken", "unknown", "held", "skipped"];
  const sorted = [...measures].sort(([, a], [, b]) => order.indexOf(a.outcome) - order.indexOf(b.outcome));
  const [first] = sorted;
  if (!first) return unknown("nothing was measured");
  const [label, measure] = first;
  if (measures.length === 1) return measure;
  if (measure.outcome === "unknown" || measure.outcome === "skipped") {
    return { ...measure, reason: `${label}: ${measure.reason}` };
  }
  const each = measures.map(([name, other]) => `${name}: ${describe(other)}`);
  const missing = measures
    .filter(([, { outcome }]) => outcome === "skipped")
    .map(([name]) => `${name} skipped`);
  const measured = [`${measure.measured} (${label})`, ...missing].join(", ");
  return { ...measure, measured, evidence: [...each, ...measure.evidence] };
}

export function unknown(reason: string): Measure {
  return { outcome: "unknown", reason };
}

export function skipped(reason: string): Measure {
  return { outcome: "skipped", reason };
}

function describe(measure: Measure): string {
  return "measured" in measure ? measure.measured : `${measure.outcome}: ${measure.reason}`;
}

function compare(
  value: Reading,
  holds: (value: number) => boolean,
  limit: string,
  more: { readonly unit: Unit; readonly bound?: Bound; readonly evidence: readonly string[] },
): Measure {
  if (typeof value !== "number" || !Number.isFinite(value))
    return unknown(`nothing was measured, ${limit} was expected`);
  const measured = formatAmount(value, more.unit);
  return { outcome: holds(value) ? "held" : "broken", measured, limit, value, ...more };
}

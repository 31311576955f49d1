/** What a chart is, before it is drawn: curves, the limits that they must not cross, and the trends that were found. */
import type { Unit } from "../../units.ts";
import type { Trend } from "../finding.ts";
import type { Point } from "./envelope.ts";

export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
  /** Asked for, not measured. */
  readonly asked: boolean;
  /** Whose level it shows; null: a rate, or no gauge. */
  readonly gauge: string | null;
  /** A few readings far apart: each is seen. */
  readonly dots?: boolean;
}

/** What may not be crossed, from when on. */
export interface Limit {
  /** The name of its curve. */
  readonly of: string;
  readonly at: number;
  readonly fromMs: number;
  readonly broken: boolean;
}

/** The fitted line between two moments, and the ends of its interval. */
export interface TrendLine {
  readonly fromMs: number;
  readonly toMs: number;
  readonly lines: NonNullable<Trend["lines"]>;
  readonly growing: boolean;
  readonly label: string;
}

export interface Chart {
  readonly title: string;
  readonly unit: Unit;
  readonly lines: readonly Line[];
  readonly limits: readonly Limit[];
  readonly trends: readonly TrendLine[];
  /** What is found of it, where that is more than its curves say. */
  readonly finding?: string;
}

/** What the live page is told: everything so far to one that has just come, then what is new, a second at a time. */
import type { Sample } from "../../host/gauges.ts";
import { drawCharts } from "../html/charts.ts";
import { envelope } from "../html/envelope.ts";

/** Of what is told to a newcomer: no more than a screen shows. */
const COLUMNS = 240;
/** A rate needs the sample before it, and steps of 200 ms at least. */
const BEFORE = 8;

/** The one that goes on now. */
export interface Phase {
  readonly name: string;
  readonly startMs: number;
  readonly lastsMs: number;
}

export interface Update {
  readonly toMs: number;
  readonly phase: Phase | null;
  readonly phases: readonly {
    readonly name: string;
    readonly startMs: number;
    readonly endMs: number | null;
  }[];
  readonly charts: readonly {
    readonly title: string;
    readonly unit: string;
    readonly lines: readonly {
      readonly name: string;
      readonly asked: boolean;
      readonly points: readonly (readonly [number, number | null])[];
    }[];
  }[];
}

/** Charts of all samples, as many points as a screen has columns. */
export function describeAll(samples: readonly Sample[]): Update["charts"] {
  const span = { fromMs: 0, toMs: Math.max(1, samples.at(-1)?.atMs ?? 1), columns: COLUMNS };
  return drawCharts(samples).map(({ title, unit, lines }) => ({
    ...{ title, unit },
    lines: lines.map(({ name, asked, points }) => ({ name, asked, points: round(envelope(points, span)) })),
  }));
}

/** Of those after `sinceMs`. */
export function describeNew(samples: readonly Sample[], sinceMs: number): Update["charts"] {
  const first = samples.findLastIndex(({ atMs }) => atMs <= sinceMs) + 1;
  return drawCharts(samples.slice(Math.max(0, first - BEFORE))).map(({ title, unit, lines }) => ({
    ...{ title, unit },
    lines: lines.map(({ name, asked, points }) => ({
      ...{ name, asked },
      points: round(points.filter(([atMs]) => atMs > sinceMs)),
    })),
  }));
}

/** To what a reader can see. */
function round(points: readonly (readonly [number, number | null])[]): [number, number | null][] {
  return points.map(([atMs, value]) => [
    Math.round(atMs),
    value === null ? null : Number(value.toPrecision(4)),
  ]);
}

/** What changed from one run to another beyond noise: by more than a fifth, outside both intervals, and by enough to matter. */
import { formatAmount, formatRate } from "../units.ts";
import { type Figure, figuresOf, type Subject } from "./figures.ts";
import { differences, toPastRun } from "./history.ts";
import type { Report } from "./report.ts";

interface Change {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  readonly unit: Figure["unit"];
  readonly kind: "worse" | "better";
  /** In words: "99 %: 12 ms → 40 ms (3.3 times)". */
  readonly told: string;
}

export interface Comparison {
  /** What is not the same about the two runs, first of all. */
  readonly differing: readonly string[];
  readonly worse: readonly Change[];
  readonly better: readonly Change[];
  /** How many figures both have. */
  readonly compared: number;
}

/** More than that of what it was. */
const NOTABLE = 0.2;

export function compare(before: Subject, after: Subject): Comparison {
  const earlier = new Map(figuresOf(before).map((figure) => [figure.name, figure]));
  const pairs = figuresOf(after).flatMap((figure) => {
    const old = earlier.get(figure.name);
    return old ? [{ old, now: figure }] : [];
  });
  const changes = pairs.flatMap(({ old, now }) => judge(old, now) ?? []);
  return {
    differing: tellDiffering(before.report, after.report),
    worse: changes.filter(({ kind }) => kind === "worse"),
    better: changes.filter(({ kind }) => kind === "better"),
    compared: pairs.length,
  };
}

function judge(old: Figure, now: Figure): Change | null {
  const more = now.value - old.value;
  const apart = now.low > old.high || now.high < old.low;
  const notable = Math.abs(more) > NOTABLE * Math.abs(old.value) && Math.abs(more) > now.floor;
  if (!apart || !notable) return null;
  const { name, unit, worse } = now;
  const kind = more > 0 === (worse === "more") ? "worse" : "better";
  return { name, before: old.value, after: now.value, unit, kind, told: tell(old, now) };
}

function tell({ value: before }: Figure, { name, unit, value: after }: Figure): string {
  const show = name.startsWith("growth of") ? formatRate : formatAmount;
  const times = before > 0 && after > 0 ? ` (${Number((after / before).toPrecision(2))} times)` : "";
  return `${name}: ${show(before, unit)} → ${show(after, unit)}${times}`;
}

/** Host, runtime and settings: they may well be the reason. */
function tellDiffering(before: Report, after: Report): string[] {
  const runtime = ({ host }: Report) => `${host.runtime.name} ${host.runtime.version}`;
  const box = ({ host }: Report) => `${host.allowedCpus.length} processors`;
  return [
    ...differences(toPastRun(after.run, after), toPastRun(before.run, before)).map(
      (what) => `${what} before`,
    ),
    ...[runtime, box].flatMap((read) =>
      read(before) === read(after) ? [] : [`${read(before)} before, ${read(after)} now`],
    ),
  ];
}

/** A broken invariant in the words of somebody who was there: what happened, where, most likely why, and at what rate. */
import type { Sample } from "../host/gauges.ts";
import { formatAmount, formatBytes, formatDuration, formatRate } from "../units.ts";
import type { Finding, Trend } from "./finding.ts";
import type { Report } from "./report.ts";
import { describeSlope } from "./trend-words.ts";

export type Broken = Finding & { outcome: "broken" };

export interface Part {
  readonly label: "What happened" | "Where" | "Most likely" | "At this rate";
  readonly text: string;
}

export function isBroken(finding: Finding): finding is Broken {
  return finding.outcome === "broken";
}

/** Parts for which there is no evidence are left out. `samples`: none where they are not at hand. */
export function explainBroken(
  finding: Broken,
  report: Pick<Report, "host" | "target">,
  samples: readonly Sample[],
): Part[] {
  const growing = (finding.trends ?? []).filter(({ verdict }) => verdict === "growing");
  const parts: readonly (readonly [Part["label"], string | null])[] = [
    [
      "What happened",
      growing.map(tellGrowth).join("; ") || `measured ${finding.measured}, limit ${finding.limit}`,
    ],
    ["Where", findCrossing(finding, samples) ?? tellLevel(finding.trends ?? [])],
    ["Most likely", finding.trends ? guessFromTrends(finding.trends) : guessFromStayed(finding, report)],
    ["At this rate", growing.flatMap((trend) => predict(trend, report.host) ?? []).join("; ") || null],
  ];
  return parts.flatMap(([label, text]) => (text === null ? [] : [{ label, text }]));
}

/** "live bytes rose from 10.9 MiB to 12.3 MiB within 52 s: 1.4 KiB a cycle (98 %: 1.3 KiB to 1.6 KiB)". */
function tellGrowth(trend: Trend): string {
  const { name, floors, lines } = trend;
  const [first, last] = [floors[0], floors.at(-1)];
  if (!first || !last || !lines) return `${name} grew`;
  const [from, to] = lines.fitted;
  const rose = `rose from ${showLevel(trend, from)} to ${showLevel(trend, to)} within ${formatDuration(last[0] - first[0])}`;
  return `${name} ${rose}: ${describeSlope(trend)}`;
}

/** When the curve that the limit is drawn on first crossed it. */
function findCrossing({ line, bound }: Broken, samples: readonly Sample[]): string | null {
  if (!line || !bound) return null;
  const crosses = (value: number) => (bound.is === "atLeast" ? value < line.at : value > line.at);
  const first = samples.find((sample) => {
    const value = sample.gauges[line.gauge as keyof Sample["gauges"]] ?? sample.named[line.gauge];
    return typeof value === "number" && crosses(value);
  });
  return first ? `first seen at ${formatDuration(first.atMs)}, in ${first.phase}` : null;
}

function tellLevel(trends: readonly Trend[]): string | null {
  const level = trends.filter(({ verdict }) => verdict === "level").map(({ name }) => name);
  return level.length === 0 ? null : `nowhere else: ${level.join(", ")} stayed level`;
}

/** What grows in step belongs together. */
function guessFromTrends(trends: readonly Trend[]): string | null {
  const growing = trends.filter(({ verdict }) => verdict === "growing");
  const memory = growing.find(({ unit }) => unit === "bytes");
  const things = growing.filter(({ unit }) => unit === "count");
  const named = things.map(({ name }) => name).join(" and ");
  if (!memory) return things.length > 0 ? `${named} are made and not given back` : null;
  const [thing] = things;
  if (thing?.slope && memory.slope !== null)
    return `each ${thing.name} that stays keeps ${formatBytes(memory.slope / thing.slope)} of ${memory.name} with it`;
  // of anonymous memory nobody can tell what it holds
  if (memory.name !== "live bytes") return null;
  return "objects or buffers that are still referred to: no descriptor, timer or connection grows with them";
}

/** How many lines of what stayed say so. */
const SIGNS: readonly { readonly pattern: RegExp; readonly says: string }[] = [
  { pattern: /CLOSE_WAIT/, says: "connections that their peer has closed, and it does not" },
  { pattern: /ESTABLISHED|FIN_WAIT/, says: "connections that it keeps open" },
  { pattern: /\(deleted\)/, says: "files that are deleted, and still open" },
];

function guessFromStayed({ evidence }: Broken, { target }: Pick<Report, "target">): string | null {
  if (!target || target.stayed.length === 0) return null;
  const counts = SIGNS.map(({ pattern, says }) => ({
    says,
    count: evidence.filter((line) => pattern.test(line)).length,
  }));
  const [most] = counts.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  return most ? most.says : null;
}

const HOUR_MS = 3_600_000;
/** Nobody plans further ahead. */
const FURTHEST_HOURS = 24 * 365;

function predict(trend: Trend, host: Report["host"]): string | null {
  const { name, unit, slopePerHour, lines } = trend;
  if (slopePerHour === null || slopePerHour <= 0) return null;
  const rate = `${name} +${formatRate(slopePerHour, unit)} an hour`;
  const limit =
    unit === "bytes" ? host.memoryLimitBytes : name === "descriptors" ? host.descriptorLimit : null;
  const hours = limit === null || !lines ? null : (limit - lines.fitted[1]) / slopePerHour;
  if (limit === null || hours === null || hours < 0 || hours > FURTHEST_HOURS) return rate;
  const what = unit === "bytes" ? "of memory here" : "descriptors that it may open";
  const when = hours < 48 ? formatDuration(hours * HOUR_MS) : `${Math.round(hours / 24)} days`;
  return `${rate}: all ${showLevel(trend, limit)} ${what} after ${when}`;
}

function showLevel({ unit }: Trend, value: number): string {
  return formatAmount(unit === "bytes" ? value : Math.round(value), unit);
}

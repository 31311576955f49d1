/** What is told of services: reachable, steady, following those that they need, and isolated as declared. */
import { formatDuration, formatShare } from "../units.ts";
import {
  allOf,
  atLeast,
  atMost,
  type Judged,
  type Measure,
  none,
  skipped,
  unknown,
  worst,
} from "./measure.ts";
import type { Isolation } from "./network-isolation.ts";
import { CATEGORIES } from "./service-kinds.ts";
import type { Outage } from "./service-outages.ts";
import type { Following, ServiceRecord, Unwell } from "./service-record.ts";

export interface ServicesEvidence {
  readonly services: readonly ServiceRecord[];
  readonly following: readonly Following[];
  readonly unwell: readonly Unwell[];
  readonly outages: readonly Outage[];
  readonly isolation: Isolation;
}

const share = (count: number, of: number) => (of === 0 ? 0 : count / of);

function reachable({ services }: ServicesEvidence) {
  return services.flatMap(({ name, asked, reached, addresses }) =>
    asked < LEAST_LOOKS ? [] : [{ name, share: share(reached, asked), where: addresses.join(", ") }],
  );
}

export function measureAsked(evidence: ServicesEvidence): Measure {
  if (evidence.services.length === 0) return unknown("there were no containers");
  const asked = reachable(evidence);
  return asked.length > 0
    ? atLeast(
        asked.length,
        1,
        "count",
        asked.map(({ name, where }) => `${name} at ${where}`),
      )
    : unknown("none of them has a port that can be reached from here");
}

/** Fewer are no share of anything. */
const LEAST_LOOKS = 10;
const CUT_SHORT = "they were not watched for long enough";

/** Where nobody may be stopped, what happens by itself is judged. */
export function measureOutages({ outages }: ServicesEvidence, wanted: number, mayStop: boolean): Measure {
  if (!mayStop) return skipped("nobody may be stopped: --allow-restart");
  if (wanted === 0) return skipped("none was asked for");
  return outages.length === 0 && wanted > 0
    ? skipped("no database is needed by anybody, as far as compose's labels tell")
    : atLeast(outages.length, wanted, "count");
}

export function measureReached(evidence: ServicesEvidence, least: number): Measure {
  const asked = reachable(evidence);
  if (asked.length === 0) return skipped("none of them has a port that can be reached from here");
  const told = asked.map((one) => `${one.name}: ${formatShare(one.share)}`);
  return atLeast(Math.min(...asked.map((one) => one.share)), least, "share", told);
}

export function measureBestReached(evidence: ServicesEvidence, least: number): Measure {
  const asked = reachable(evidence);
  if (asked.length === 0) return skipped("none of them has a port that can be reached from here");
  return atLeast(Math.max(...asked.map((one) => one.share)), least, "share");
}

export function measureSteady({ services }: ServicesEvidence, least: number): Measure {
  if (services.some(({ looks }) => looks < LEAST_LOOKS)) return unknown(CUT_SHORT);
  const categories = CATEGORIES.flatMap((category) => {
    const own = services.filter((one) => one.category === category);
    const [well, looks] = [own.map((one) => one.well), own.map((one) => one.looks)].map((counts) =>
      counts.reduce((sum, count) => sum + count, 0),
    );
    const told = own.map((one) => `${one.name}: ${formatShare(share(one.well, one.looks))}`);
    return own.length === 0
      ? []
      : [[category, atLeast(share(well ?? 0, looks ?? 0), least, "share", told)] as const];
  });
  return worst(categories);
}

/** It follows where its interval leaves no doubt; it does not where it noticed nothing. */
export function measureFollowing({ following }: ServicesEvidence): Measure {
  const tried = following.filter(({ downMs }) => downMs > 0);
  if (tried.length === 0) return skipped("no database was down that an application needs");
  return allOf(
    tried.map((one) => ({ is: followingOf(one), line: tellFollowing(one) })),
    "applications",
  );
}

function followingOf({ correlation, noticed }: Following): Judged["is"] {
  if (!noticed) return "broken";
  if (correlation === null) return "unknown";
  if (correlation.low > 0) return "held";
  return correlation.high < 0 ? "broken" : "unknown";
}

function tellFollowing({ application, database, correlation, lagMs, noticed, downMs }: Following): string {
  const pair = `${application} and ${database}`;
  if (!noticed) return `${pair}: stayed well while that was down for ${formatDuration(downMs)}`;
  if (correlation === null) return `${pair}: one of them was always the same`;
  const [r, low, high] = [correlation.r, correlation.low, correlation.high].map((one) => one.toFixed(2));
  return `${pair}: ${r} (98 %: ${low} to ${high}), ${formatDuration(lagMs)} later`;
}

export function measureUnwell({ unwell }: ServicesEvidence, withinMs: number): Measure {
  if (unwell.length === 0) return skipped("nobody needs anybody, as far as compose's labels tell");
  const told = unwell.map(({ application, lastsMs }) => `${application}: ${formatDuration(lastsMs)}`);
  return atMost(Math.max(...unwell.map(({ lastsMs }) => lastsMs)), withinMs, "ms", told);
}

export function measureIsolation({ isolation }: ServicesEvidence): Measure {
  return isolation.seen === 0
    ? skipped("their networks cannot be read from here")
    : none(isolation.wrong, isolation.seen, "containers");
}

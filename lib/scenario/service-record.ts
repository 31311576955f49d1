/** What a watch of services comes to: how often each was reachable and well, and how each application follows its databases. */
import { type Correlation, correlate } from "../stats/correlation.ts";
import type { Category, Service } from "./service-kinds.ts";
import type { ServiceSeries } from "./service-watch.ts";

export interface ServiceRecord {
  readonly name: string;
  readonly category: Category;
  readonly addresses: readonly string[];
  /** While nobody was taken away. */
  readonly looks: number;
  readonly well: number;
  /** Of the looks, those in which it was asked, and those in which it was reached. */
  readonly asked: number;
  readonly reached: number;
}

/** An application, and a database that it needs. */
export interface Following {
  readonly application: string;
  readonly database: string;
  /** The longest time that the database was not well. */
  readonly downMs: number;
  /** null: one of them was always the same. */
  readonly correlation: Correlation | null;
  /** By so much later, where it is closest. */
  readonly lagMs: number;
  /** Whether the application was ever not well. */
  readonly noticed: boolean;
}

/** An application that was not well although all that it needs was. */
export interface Unwell {
  readonly application: string;
  /** The longest time. */
  readonly lastsMs: number;
}

/** Of the time before `untilMs`. */
export function countLooks(
  service: Service,
  { atMs, well, reached, addresses }: ServiceSeries,
  untilMs: number,
): ServiceRecord {
  const { name, category } = service;
  const looks = atMs.filter((at) => at < untilMs).length;
  const answers = reached.slice(0, looks);
  return {
    ...{ name, category, addresses: [...addresses], looks },
    well: well.slice(0, looks).filter((one) => one === 1).length,
    asked: answers.filter((one) => one !== null).length,
    reached: answers.filter((one) => one === true).length,
  };
}

/** Later than `mostLagMs` it is no answer any more, and may be one to an outage before. */
export function follow(
  application: string,
  database: string,
  series: ReadonlyMap<string, ServiceSeries>,
  { everyMs, mostLagMs }: { readonly everyMs: number; readonly mostLagMs: number },
): Following | null {
  const [ours, theirs] = [series.get(application), series.get(database)];
  if (!ours || !theirs) return null;
  const correlation = correlate(theirs.well, ours.well, Math.floor(mostLagMs / everyMs));
  return {
    ...{ application, database, correlation, noticed: ours.well.includes(0) },
    downMs: longest(theirs, (index) => theirs.well[index] === 0),
    lagMs: (correlation?.lag ?? 0) * everyMs,
  };
}

/** Those that need nobody are not asked. */
export function findUnwell(
  { name, needs }: Service,
  series: ReadonlyMap<string, ServiceSeries>,
): Unwell | null {
  const own = series.get(name);
  const theirs = needs.flatMap((other) => series.get(other) ?? []);
  if (!own || theirs.length === 0) return null;
  const isUnwell = (index: number) => own.well[index] === 0 && theirs.every(({ well }) => well[index] === 1);
  return { application: name, lastsMs: longest(own, isUnwell) };
}

/** The longest time in which this holds at each moment, up to the moment at which it does not. */
function longest({ atMs }: ServiceSeries, holds: (index: number) => boolean): number {
  let [most, sinceMs]: [number, number | null] = [0, null];
  for (const [index, at] of atMs.entries()) {
    if (sinceMs !== null) most = Math.max(most, at - sinceMs);
    sinceMs = holds(index) ? (sinceMs ?? at) : null;
  }
  return most;
}

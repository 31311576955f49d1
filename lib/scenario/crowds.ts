/** Crowds of a run of any length: those with something amiss as they were, the others counted; and what they left. */
import { add, type Tally } from "../clients/tally.ts";
import type { ChurnRecord, Way } from "./churn.ts";
import { type Measure, none, skipped, unknown } from "./measure.ts";
import { describeTally } from "./tally-text.ts";

export interface Crowd extends ChurnRecord {
  /** Than the one before had left; null where it could not be counted. */
  readonly moreSubscribers: number | null;
  readonly moreSockets: number | null;
}

export interface Crowds {
  /** In order. Of thousands not all: whatever was amiss, and the last. */
  readonly kept: readonly Crowd[];
  /** By way, of all. */
  readonly came: Tally;
  /** Those of which nobody could say afterwards whether somebody was still there. */
  readonly uncounted: Tally;
}

/** How many are there at most, and how many come. */
export interface Room {
  readonly cap: number | null;
  readonly clients: number;
}

/** How "full" is said: try again later (RFC 6455, IANA registry), service unavailable, too many requests. */
const FULL = ["1013", "503", "429"];
/** Of half a kilobyte each, in the report, too. */
const MOST_KEPT = 2000;

export function keepCrowds(
  room: Room,
  most = MOST_KEPT,
): { readonly crowds: Crowds; add(record: ChurnRecord): void } {
  const kept: Crowd[] = [];
  const came: Record<string, number> = {};
  const uncounted: Record<string, number> = {};
  let [subscribers, sockets] = [0, 0];
  return {
    crowds: { kept, came, uncounted },
    add(record: ChurnRecord) {
      const { way, leftSubscribers, leftSockets } = record;
      // what an earlier crowd left is not put down to a later one
      const moreSubscribers = leftSubscribers === null ? null : leftSubscribers - Math.max(0, subscribers);
      const moreSockets = leftSockets === null ? null : leftSockets - Math.max(0, sockets);
      subscribers = leftSubscribers ?? subscribers;
      sockets = leftSockets ?? sockets;
      add(came, way);
      if (isUncounted(record)) add(uncounted, way);
      kept.push({ ...record, moreSubscribers, moreSockets });
      if (kept.length <= most) return;
      const good = kept.findIndex((crowd) => !isAmiss(crowd, room));
      const isLast = good === -1 || good === most;
      kept.splice(isLast ? most >> 1 : good, 1);
    },
  };
}

/** The silent ones we saw dropped ourselves. */
function isUncounted({ way, leftSubscribers, leftSockets }: ChurnRecord): boolean {
  return way !== "silence" && leftSubscribers === null && leftSockets === null;
}

function isAmiss(crowd: Crowd, room: Room): boolean {
  const wrong = [describeLeft, describeFailed, describeRefusals, describeShut(room)];
  return mostSeen(crowd) > (room.cap ?? Infinity) || wrong.some((describe) => describe(crowd) !== null);
}

/** At a time, by our count and by the target's. A slow client may be dropped, and another let in: more come than are there. */
export function mostSeen({ held, peakSubscribers }: Crowd): number {
  return Math.max(held, peakSubscribers ?? 0);
}

/** Nothing amiss where `describe` answers null. */
export function judgeCrowds(
  { kept, came }: Crowds,
  describe: (crowd: Crowd) => string | null,
  ways: readonly Way[],
): Measure {
  const wrong = kept.flatMap((crowd) => {
    const what = ways.includes(crowd.way) ? describe(crowd) : null;
    return what === null ? [] : [`crowd ${crowd.cycle + 1} (${crowd.way}): ${what}`];
  });
  return none(wrong, sum(came, ways), "crowds");
}

interface Churned {
  readonly ways: readonly Way[];
  readonly crowds: Crowds;
  /** Whether subscribers or connections can be counted at all. */
  readonly countable: boolean;
}

/** Whether crowds that went in these ways left somebody. That nobody could count it is no sign that they did not. */
export function judgeLeft({ ways, crowds, countable }: Churned, judged: readonly Way[]): Measure {
  if (!judged.some((way) => ways.includes(way))) {
    const option = judged.includes("boom") ? "--boom" : "--silence-within";
    return skipped(`of a server of yours it takes ${option}`);
  }
  const came = sum(crowds.came, judged);
  if (came === 0) return unknown("there were too few --cycles for it");
  const measure = judgeCrowds(crowds, describeLeft, judged);
  const uncounted = sum(crowds.uncounted, judged);
  if (measure.outcome !== "held" || uncounted === 0) return measure;
  const told = `after ${uncounted} of ${came} crowds neither subscribers nor connections could be counted`;
  if (2 * uncounted <= came) return { ...measure, evidence: [...measure.evidence, told] };
  return countable ? unknown(told) : skipped(`${told}: --gauge subscribers=SOURCE`);
}

function describeLeft(crowd: Crowd): string | null {
  const { way, opened, keptSilent, late, moreSubscribers, moreSockets } = crowd;
  const left = [
    (moreSubscribers ?? 0) > 0 && `${moreSubscribers} subscribers`,
    (moreSockets ?? 0) > 0 && `${moreSockets} sockets`,
    keptSilent > 0 && `${keptSilent} of ${opened} were not dropped`,
    way === "polite" && late > 0 && `${late} of ${opened} had no answer to their close frame`,
  ].filter((one) => one !== false);
  return left.length === 0 ? null : left.join(", ");
}

export function describeShut({ cap, clients }: Room): (crowd: Crowd) => string | null {
  const room = Math.min(clients, cap ?? clients);
  return ({ opened }) => (opened >= room ? null : `${opened} of ${room}`);
}

/** Other words than those for "full". */
export function describeRefusals({ way, refused }: Crowd): string | null {
  if (way === "handshake") return null;
  return describeTally(Object.fromEntries(Object.entries(refused).filter(([kind]) => !FULL.includes(kind))));
}

export function describeFailed({ failed }: Crowd): string | null {
  return describeTally(failed);
}

function sum(tally: Tally, ways: readonly Way[]): number {
  return ways.reduce((all, way) => all + (tally[way] ?? 0), 0);
}

/** What is said of clients that were refused: whether it was the proper word, and what was amiss otherwise. */
import { addUp, type Tally } from "../clients/tally.ts";
import type { EndRecord, IntrusionRecord } from "./intruders.ts";
import { type Measure, none, unknown } from "./measure.ts";
import { describeTally } from "./tally-text.ts";

/**
 * What says "not you": unauthorized and forbidden in HTTP (RFC 9110), policy violation (RFC 6455, 7.4.1), unauthorized and forbidden of
 * IANA's registry, and the codes that are an application's own.
 */
const PROPER = /^(401|403|1008|3000|3003|4\d\d\d)$/;
/** And "not so much of it": bad request, content, URI or header too large, message too big. */
const PROPER_FOR_SIZE = /^(400|413|414|431|1009)$/;

/** Other words than those. */
function listImproper({ imposture, refused }: IntrusionRecord): Tally {
  return keepKinds(
    refused,
    (kind) => !isProper(kind) && !(imposture === "oversized" && PROPER_FOR_SIZE.test(kind)),
  );
}

/** Closed with other codes than those. */
function listImproperEnds({ closedBy }: EndRecord): Tally {
  return keepKinds(closedBy, (kind) => !isProper(kind));
}

const isProper = (kind: string) => PROPER.test(kind);

function keepKinds(tally: Tally, wanted: (kind: string) => boolean): Tally {
  return Object.fromEntries(Object.entries(tally).filter(([kind]) => wanted(kind)));
}

/** Closed with a proper word, neither much too early nor later than this. */
export function judgeEnds(ended: EndRecord, withinMs: number): Measure {
  const { opened, closedAfterMs } = ended;
  if (opened === 0) return unknown("nobody was let in with it");
  const early = closedAfterMs.filter((afterMs) => afterMs < -withinMs).length;
  const wrong = [
    closedAfterMs.length < opened ? `${opened - closedAfterMs.length} were not closed` : null,
    early > 0 ? `${early} were closed too early` : null,
    describeTally(listImproperEnds(ended), (kind) => `closed with ${kind}`),
  ].filter((one) => one !== null);
  return none(wrong, opened, "clients");
}

/** Nothing amiss where `describe` answers null. */
export function judgeWays(
  intrusions: readonly IntrusionRecord[],
  describe: (one: IntrusionRecord) => string | null,
): Measure {
  const wrong = intrusions.flatMap((one) => {
    const what = describe(one);
    return what === null ? [] : [`${one.imposture}: ${what}`];
  });
  return none(wrong, intrusions.length, "ways");
}

/** No word at all is the worst. */
export function describeRude(one: IntrusionRecord): string | null {
  return describeTally(addUp(listImproper(one), one.failed));
}

export function describeIntrusion({ imposture, asked, refused, failed, admitted }: IntrusionRecord): string {
  const refusals = describeTally(addUp(refused, failed)) ?? "nobody refused";
  return `${imposture}: ${asked} came, ${refusals}${admitted > 0 ? `, ${admitted} let in` : ""}`;
}

export function countAsked(intrusions: readonly IntrusionRecord[]): number {
  return intrusions.reduce((sum, { asked }) => sum + asked, 0);
}

#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Climbs to a server's limit of connections and beyond, in a burst and in a trickle: the limit is reached, never passed, and whole again afterwards. */
import { total } from "../lib/clients/tally.ts";
import { clientOptions, headersOf } from "../lib/scenario/client-options.ts";
import { type ClimbRecord, cameInVain, climbOnce } from "../lib/scenario/climb.ts";
import { BASELINE_MS, meetServer } from "../lib/scenario/crowd-baseline.ts";
import { hubOptions, hubWords, refuseOtherProtocols, refusePlanting } from "../lib/scenario/hub-options.ts";
import { judgeLeftOver } from "../lib/scenario/left-over.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, drawnOn, none, skipped, unknown } from "../lib/scenario/measure.ts";
import { bytes, count, duration } from "../lib/scenario/number-options.ts";
import { optional } from "../lib/scenario/option.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { describeTally } from "../lib/scenario/tally-text.ts";
import { maximum, minimum } from "../lib/stats/summary.ts";
import { formatAmount, formatDuration } from "../lib/units.ts";
import { BEHAVIOURS, FAULTS } from "../targets/hub/faults.ts";

const HUB_LIMIT = 100;
const HUB_MOST = 150;
const FOREIGN_MOST = 200;
const PLANNED_CLIMB_MS = 1500;
const IN_VAIN = 10;

const options = {
  climbs: count({
    default: "4",
    smoke: "2",
    min: "1",
    help: "to the limit and back: a burst and a trickle in turn",
  }),
  most: optional(
    count({ default: "150", min: "2", help: "clients that come, some of them in vain" }),
    `${HUB_MOST} to the hub, ${FOREIGN_MOST} to a server of yours`,
  ),
  limit: optional(
    count({ default: "100", min: "1", help: "connections that may be there at a time" }),
    `${HUB_LIMIT} of the hub, else what the first climb finds`,
  ),
  places: count({ default: "5", min: "1", help: "freed while it is full, and taken again" }),
  freeWithin: duration({ default: "1s", help: "how soon a place that was freed can be taken again" }),
  leaveWithin: duration({ default: "5s", help: "how long those who went may still be counted" }),
  timeout: duration({
    default: "10s",
    smoke: "2s",
    min: "100ms",
    help: "for a handshake, an answer and a close: later is no answer",
  }),
  maxEach: bytes({ default: "256KiB", help: "what one connection may take of the target's memory" }),
  ...clientOptions,
  ...hubOptions("connection-limit", { faults: FAULTS, behaviours: BEHAVIOURS }),
};

export const scenario = defineScenario({
  summary:
    "Climb to a server's limit of connections and beyond: it is reached, never passed, and those inside notice nothing.",
  group: "sockets",
  options,
  target: {
    role: "loaded",
    headers: headersOf,
    hub: ({ limit, ...planted }) => ["--cap", String(limit ?? HUB_LIMIT), ...hubWords(planted)],
    // whoever asks after its health may find it full
    mayRefuse: true,
  },
  contradictions: (values, _host, _given, target) => [
    ...refusePlanting(values, target),
    ...refuseOtherProtocols(target),
    ...(values.limit !== null && values.most !== null && values.most <= values.limit
      ? [`Cannot pass a --limit of ${values.limit} with --most ${values.most}: expected more`]
      : []),
  ],
  plan: ({ climbs, most, limit }, _host, target) => ({
    durationMs: BASELINE_MS + climbs * PLANNED_CLIMB_MS,
    steps: [
      `let ${howMany(most, limit, target === null)} clients connect, ${climbs} times: at once, then one after another`,
      "ask those inside while others knock, free places and take them, let all go",
    ],
    peak: { descriptors: howMany(most, limit, target === null) + 50, processes: 2 },
  }),

  async run({ options, target, phase, signal }) {
    const headers = headersOf(options);
    const socketsBefore = await meetServer({ target, phase, signal }, headers);
    const settings = {
      ...{ target, headers, signal, socketsBefore },
      most: howMany(options.most, options.limit, target.isHub),
      freed: options.places,
      freeWithinMs: options.freeWithin,
      timeoutMs: options.timeout,
      settleMs: options.leaveWithin,
    };
    const climbs: ClimbRecord[] = [];
    while (climbs.length < options.climbs && !signal.aborted) {
      const pace = climbs.length % 2 === 0 ? "burst" : "trickle";
      const label = `${pace} ${climbs.length + 1}`;
      // one after another, no more in vain than it takes to see that it is full
      const enough = (climbs[0]?.held ?? settings.most) + IN_VAIN;
      const most = pace === "burst" ? settings.most : Math.min(settings.most, enough);
      const climb = () => climbOnce(pace, { ...settings, most });
      climbs.push(await phase("load", { label, lastsMs: PLANNED_CLIMB_MS }, climb));
    }
    return { limit: options.limit ?? (target.isHub ? HUB_LIMIT : null), climbs };
  },

  invariants: {
    applied: {
      "all {climbs} climbs were made": ({ evidence, options }) =>
        atLeast(evidence.climbs.length, options.climbs, "count"),
      "more clients came than there is room for": ({ evidence: { climbs, limit } }) => {
        const short = climbs.filter(({ refusedBy }) => refusedBy !== null);
        if (short[0]) return unknown(`we ran out ourselves: ${short[0].refusedBy}`);
        const more = minimum(
          climbs.map((climb) => (limit === null ? cameInVain(climb) : climb.asked - limit)),
        );
        return atLeast(more, 1, "count", climbs.map(describeClimb));
      },
    },
    held: {
      "the limit is reached, in a burst and in a trickle": ({ evidence: { climbs, limit } }) => {
        const expected = limit ?? climbs[0]?.held ?? null;
        if (expected === null) return unknown("there was no climb");
        return atLeast(minimum(climbs.map(({ held }) => held)), expected, "count", climbs.map(describeClimb));
      },
      "never more than the limit are in at a time": ({ evidence: { climbs, limit } }) => {
        if (limit === null) return skipped("no limit is known: --limit");
        const most = maximum(climbs.map(({ held, subscribers }) => Math.max(held, subscribers ?? 0)));
        return drawnOn("subscribers", atMost(most, limit, "count", climbs.map(describeClimb)));
      },
      "whoever is refused is told so, by an HTTP status or a close code": ({ evidence: { climbs } }) => {
        const rude = climbs.flatMap((climb) => tell(climb, describeRude(climb)));
        return none(rude, climbs.length, "climbs");
      },
      "nobody is left without an answer": ({ evidence: { climbs } }) => {
        const waiting = climbs.flatMap((climb) => tell(climb, describeTally(climb.failed)));
        return none(waiting, climbs.length, "climbs");
      },
      "those inside notice nothing: each answers, none is closed": ({ evidence: { climbs } }) => {
        const noticed = climbs.flatMap((climb) => tell(climb, describeNoticed(climb)));
        return none(noticed, climbs.length, "climbs");
      },
      "a connection takes at most {maxEach} of the target's memory": ({ evidence: { climbs }, options }) => {
        const each = climbs.flatMap(({ targetBytesEach }) => targetBytesEach ?? []);
        if (each.length === 0) return skipped("its memory cannot be read here");
        return atMost(minimum(each), options.maxEach, "bytes", climbs.map(describeWeight));
      },
    },
    recovered: {
      "a place that is freed can be taken again within {freeWithin}": ({ evidence: { climbs } }) => {
        const kept = climbs.flatMap((climb) => {
          const { retaken, freed, retakenMs } = climb;
          return retaken >= freed
            ? []
            : tell(climb, `${retaken} of ${freed} after ${formatDuration(retakenMs)}`);
        });
        return none(kept, climbs.length, "climbs");
      },
      "after a drain nobody is left": ({ evidence: { climbs } }) => judgeLeftOver(climbs),
      "after a drain as many are let in as before": ({ evidence: { climbs } }) => {
        const [first, ...later] = climbs.map(({ held }) => held);
        if (first === undefined || later.length === 0) return unknown("it takes two --climbs");
        return atLeast(minimum(later), first, "count", climbs.map(describeClimb));
      },
    },
  },
});

function howMany(most: number | null, limit: number | null, isHub: boolean): number {
  return most ?? (limit === null ? (isHub ? HUB_MOST : FOREIGN_MOST) : limit + HUB_MOST - HUB_LIMIT);
}

/** How a full house is said by servers: also by other words than the hub's. */
function describeClimb({ pace, asked, held, refused, failed, latencyMs }: ClimbRecord): string {
  const others = [describeTally(refused, describeRefusal), describeTally(failed)].filter(
    (one) => one !== null,
  );
  const took = latencyMs.p99 === null ? "" : `, let in within ${formatDuration(latencyMs.p99)} (p99)`;
  return `${pace}: ${held} of ${asked} in at a time${took}; ${others.join(", ") || "nobody refused"}`;
}

function describeRefusal(kind: string): string {
  if (/^\d{3}$/.test(kind)) return `HTTP ${kind}`;
  return `let in, then closed with ${kind}${kind === "1013" ? " (try again later)" : ""}`;
}

/** Let in and dropped without a word: 1006 is no close frame, 1005 one that says nothing. */
function describeRude({ refused }: ClimbRecord): string | null {
  const rude = Object.entries(refused).filter(
    ([kind]) => kind === "1005" || !/^\d+$/.test(kind) || kind === "1006",
  );
  return describeTally(Object.fromEntries(rude), describeRefusal);
}

function describeNoticed({ inside, closed }: ClimbRecord): string | null {
  const wrong = [
    inside.answered < inside.asked && `${inside.asked - inside.answered} of ${inside.asked} did not answer`,
    total(closed) > 0 && `closed: ${describeTally(closed)}`,
  ].filter((one) => one !== false);
  return wrong.length === 0 ? null : wrong.join(", ");
}

function describeWeight({ pace, held, targetBytesEach, ownBytesEach }: ClimbRecord): string {
  const theirs = targetBytesEach === null ? "unknown" : formatAmount(targetBytesEach, "bytes");
  const ours = ownBytesEach === null ? "" : `, ${formatAmount(ownBytesEach, "bytes")} of ours`;
  return `${pace}: ${theirs} of the target's${ours} for each of ${held}`;
}

function tell({ pace }: ClimbRecord, what: string | null): string[] {
  return what === null ? [] : [`${pace}: ${what}`];
}

await main(import.meta, scenario);

#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Lets a server live for a while under light traffic: what it holds must settle, and never creep. */
import { createVisitor, visitOnce } from "../lib/clients/visitor.ts";
import { clientOptions, headersOf } from "../lib/scenario/client-options.ts";
import { isFed, type Span, trackFeeding } from "../lib/scenario/feeding.ts";
import { FIRST_VISIT, tryFirst } from "../lib/scenario/first-contact.ts";
import { neverAbove, ofGauge } from "../lib/scenario/gauge-limit.ts";
import { hubOptions, hubWords, refusePlanting } from "../lib/scenario/hub-options.ts";
import { judgeCheckpoints, measureLeak, type TrendConditions } from "../lib/scenario/leak.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, below, type Measure, skipped, so, unknown } from "../lib/scenario/measure.ts";
import { judgeGrowthLimit, judgeRiseLimit } from "../lib/scenario/memory-limits.ts";
import { bytes, count, duration } from "../lib/scenario/number-options.ts";
import { optional, type Values } from "../lib/scenario/option.ts";
import { type Context, defineScenario, type Facts } from "../lib/scenario/scenario.ts";
import { type Soaked, soak } from "../lib/scenario/soak.ts";
import { flag } from "../lib/scenario/text-options.ts";
import { namedReadings } from "../lib/scenario/windows.ts";
import { variationOnce } from "../lib/stats/plateau.ts";
import { maximum } from "../lib/stats/summary.ts";
import { LEAST_TAIL, WARM_UP_SHARE } from "../lib/stats/thresholds.ts";
import { formatDuration } from "../lib/units.ts";
import { BEHAVIOURS, FAULTS } from "../targets/hub/faults.ts";

/** The hub looks for expired events twice a second, and we look at it four times. */
const TTL_SLACK_MS = 1500;
const SLACK = formatDuration(TTL_SLACK_MS);
/** Of a run a third warms up; what is left of so many is what the trend needs. */
const LEAST_VISITS = Math.round(LEAST_TAIL.cycle / (1 - WARM_UP_SHARE));
/** The part of a server's visits that make it full. */
const PUNCTUAL = 0.9;
const UNVISITED = skipped(
  "nobody visits it: --target-url; what is judged is what it does by itself, or for others",
);

const options = {
  duration: duration({
    default: "300s",
    smoke: "15s",
    min: "5s",
    environment: "SOAK_TEST_DURATION",
    help: "how long the traffic goes on; a verdict on growth needs a minute",
  }),
  cycle: duration({ default: "50ms", min: "1ms", help: "time from one visit to the next" }),
  events: count({
    default: "10",
    min: "1",
    help: "published to the hub at each visit; late visits make up for it",
  }),
  ring: count({
    default: "1000",
    min: "1",
    help: "events that may be kept: gauge ringEvents, where there is one",
  }),
  ttl: duration({
    default: "10s",
    min: "1s",
    help: "how old an event may get: gauge oldestEventAgeMs, likewise",
  }),
  warmUp: optional(
    duration({ default: "20s", help: "declare how long the server takes to settle, a cache to fill" }),
    "a third of the run",
  ),
  maxGrowth: bytes({ default: "50MB", help: "memory by which the server may grow" }),
  maxVariation: bytes({ default: "20MB", help: "by which it may rise again in the second half" }),
  stopEarly: flag({ help: "end as soon as two looks agree that it leaks" }),
  ...clientOptions,
  ...hubOptions("idle-soak", { faults: FAULTS, behaviours: BEHAVIOURS }),
};
type Soak = typeof options;

export const scenario = defineScenario({
  summary: "Let a server live under light traffic: what it holds settles, and nothing creeps.",
  group: "confidence",
  options,
  target: {
    role: "loaded",
    headers: headersOf,
    hub: ({ ring, ttl, ...planted }) => ["--ring", String(ring), "--ttl", String(ttl), ...hubWords(planted)],
  },
  contradictions: (values, _host, _given, target) => refusePlanting(values, target),
  plan: ({ duration, cycle, ttl }) => ({
    durationMs: 1000 + duration + ttl + TTL_SLACK_MS,
    steps: [`visit the target every ${cycle} ms`, "see what it holds after each 20 visits", "let it rest"],
    peak: { descriptors: 50, processes: 2 },
  }),

  async run(context) {
    const { options, target, phase } = context;
    const { duration, cycle, stopEarly } = options;
    const { url } = target.running;
    const headers = headersOf(options);
    let taken = 0;
    const onTaken = (count: number) => {
      taken = count;
    };
    const visitor = createVisitor({
      url,
      events: target.isHub ? { count: options.events, everyMs: cycle, onTaken } : null,
      headers,
    });
    const feeding = trackFeeding(options.ring, options.ttl);
    // of a server of the user's nobody knows what a visit makes it keep: enough, if few visits are late
    const perVisit = (options.ring * cycle) / (PUNCTUAL * options.ttl);
    await phase("baseline", { lastsMs: 1000 });
    try {
      await phase("baseline", FIRST_VISIT, () =>
        tryFirst(target, async () => url && visitOnce(url, headers)),
      );
      const soaked = await phase("load", { lastsMs: duration }, async () => {
        const startMs = performance.now();
        const elapsed = () => performance.now() - startMs;
        const visit = async () => {
          const fromMs = elapsed();
          await visitor.visit();
          feeding.feed(target.isHub ? taken : perVisit, fromMs, elapsed());
        };
        return soak({
          durationMs: duration,
          cycleMs: cycle,
          visit,
          checkpoint: target.checkpoint,
          rebase: target.rebase,
          conditions: trendConditions(options, url !== null),
          stopEarly,
          signal: context.signal,
        });
      });
      const lean = feeding.lean(soaked.lastedMs);
      return { ...soaked, visited: url !== null, lean, expired: await seeExpired(context) };
    } finally {
      await visitor.close();
    }
  },

  invariants: {
    applied: {
      "it went on for {duration}, or until two looks agreed that it leaks": ({ evidence, options }) =>
        evidence.endedEarly
          ? so(true, "two looks agreed", "two looks that agree")
          : atLeast(evidence.lastedMs, options.duration, "ms"),
      "the server was visited, at least half as often as planned": ({ evidence, options }) => {
        if (!evidence.visited) return UNVISITED;
        const { visits, failed, lastedMs, visitingMs, lookingMs } = evidence;
        // a server that takes its time for an answer is not visited faster than that
        const visitMs = visitingMs / Math.max(1, visits + failed);
        const planned = Math.floor((lastedMs - lookingMs) / Math.max(options.cycle, visitMs));
        const took = `a visit took ${formatDuration(visitMs)}, the looks between ${formatDuration(lookingMs)}`;
        return atLeast(visits, Math.floor(planned / 2), "count", [took]);
      },
      [`it was visited ${LEAST_VISITS} times, which a verdict on growth needs`]: ({ evidence }) =>
        evidence.visited ? atLeast(evidence.visits, LEAST_VISITS, "count") : UNVISITED,
    },
    held: {
      "99 of 100 visits were answered": ({ evidence: { visited, visits, failed, failures } }) => {
        if (!visited) return UNVISITED;
        const share = visits + failed === 0 ? null : visits / (visits + failed);
        return atLeast(share, 0.99, "share", [`${visits} of ${visits + failed}`, ...failures]);
      },
      "at most {ring} events are kept, always": ({ windows, options }) =>
        neverAbove("ringEvents", windows, options.ring, "count"),
      "their number varies by less than 10 % of {ring} once it is full": (facts) => judgePlateau(facts),
      [`no event is kept for more than ${SLACK} beyond {ttl}`]: ({ windows, options }) =>
        neverAbove("oldestEventAgeMs", windows, options.ttl + TTL_SLACK_MS, "ms"),
      "its memory grows by less than {maxGrowth} once it has warmed up": ({ evidence, options, given }) =>
        judgeGrowthLimit(evidence.checkpoints, {
          limitBytes: options.maxGrowth,
          given: given.has("maxGrowth"),
          flag: "--max-growth",
          fromMs: warmFrom(evidence, options),
        }),
      "and rises again by less than {maxVariation} in the second half": ({ evidence, options, given }) =>
        judgeRiseLimit(evidence.checkpoints, {
          limitBytes: options.maxVariation,
          given: given.has("maxVariation"),
          flag: "--max-variation",
          fromMs: Math.max(warmFrom(evidence, options), startOf(evidence) + evidence.lastedMs / 2),
        }),
      "memory, descriptors, threads, timers and gauges do not creep": ({ evidence, options, stayed }) =>
        measureLeak(
          judgeCheckpoints(evidence.checkpoints, trendConditions(options, evidence.visited)),
          stayed,
        ),
    },
    recovered: {
      [`every event was gone {ttl} and ${SLACK} after the last one`]: ({ evidence: { expired } }) => {
        if (expired === null) return skipped("the target has no gauge ringEvents");
        return atMost(expired.left, 0, "count", ["events left"]);
      },
    },
  },
});

/** How many events are left when the last one's time is up; null where nobody counts them. */
async function seeExpired({
  target,
  options,
  phase,
  until,
}: Context<Soak>): Promise<{ readonly left: number | null } | null> {
  if (target.running.spec.gauges.ringEvents === undefined) return null;
  const withinMs = options.ttl + TTL_SLACK_MS;
  let left: number | null = null;
  await phase("recovery", { lastsMs: withinMs }, () =>
    until(() => {
      left = target.named().ringEvents ?? null;
      return left === 0;
    }, withinMs),
  );
  return { left };
}

/** Events expire, so that only what was published in time can be there: a late client is not the server's fault. */
function judgePlateau({ windows, options, evidence }: Facts<Soak, { lean: readonly Span[] }>): Measure {
  const samples = windows.of("load");
  const startMs = samples[0]?.atMs ?? 0;
  const fed = samples.filter(({ atMs }) => isFed(evidence.lean, atMs - startMs, TTL_SLACK_MS));
  return ofGauge("ringEvents", namedReadings(samples, "ringEvents"), () => {
    const events = namedReadings(fed, "ringEvents") ?? [];
    const variation = variationOnce(events, options.ring);
    if (variation === null)
      return unknown(
        events.length === 0
          ? `it was never fed enough to be full: ${options.ring} in ${formatDuration(options.ttl)}; publish more --events`
          : `it was never full: ${maximum(events)} of ${options.ring}`,
      );
    return below(variation / options.ring, 0.1, "share", [
      `by ${variation} of ${options.ring}`,
      `${events.length} of ${samples.length} readings: those at which it had to be full by what was published`,
    ]);
  });
}

function trendConditions({ warmUp, maxGrowth }: Values<Soak>, visited: boolean): TrendConditions {
  return { warmUpMs: warmUp, growthLimitBytes: maxGrowth, per: visited ? "cycle" : "second" };
}

type Timed = Pick<Soaked, "checkpoints" | "lastedMs">;

function startOf({ checkpoints }: Timed): number {
  return checkpoints[0]?.atMs ?? 0;
}

function warmFrom(evidence: Timed, { warmUp }: Values<Soak>): number {
  return startOf(evidence) + (warmUp ?? evidence.lastedMs * WARM_UP_SHARE);
}

await main(import.meta, scenario);

#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Lets a server live for a while under light traffic: what it holds must settle, and never creep. */
import { createVisitor } from "../lib/clients/visitor.ts";
import { clientOptions, headersOf } from "../lib/scenario/client-options.ts";
import { hubOptions, hubWords, refusePlanting } from "../lib/scenario/hub-options.ts";
import { judgeCheckpoints, measureLeak, memoryOf } from "../lib/scenario/leak.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, below, type Measure, skipped, unknown } from "../lib/scenario/measure.ts";
import { bytes, count, duration } from "../lib/scenario/number-options.ts";
import { optional } from "../lib/scenario/option.ts";
import { type Context, defineScenario, type Facts } from "../lib/scenario/scenario.ts";
import { soak } from "../lib/scenario/soak.ts";
import { flag } from "../lib/scenario/text-options.ts";
import { namedReadings } from "../lib/scenario/windows.ts";
import { largestRise, variationOnce } from "../lib/stats/plateau.ts";
import { maximum } from "../lib/stats/summary.ts";
import { formatDuration } from "../lib/units.ts";
import { BEHAVIOURS, FAULTS } from "../targets/hub/faults.ts";

/** The hub looks for expired events twice a second, and we look at it four times. */
const TTL_SLACK_MS = 1500;

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
    const { duration, cycle, warmUp, stopEarly, maxGrowth } = options;
    const visitor = createVisitor({
      url: target.running.url,
      events: target.isHub ? { count: options.events, everyMs: cycle } : null,
      headers: headersOf(options),
    });
    await phase("baseline", { lastsMs: 1000 });
    try {
      const soaked = await phase("load", { lastsMs: duration }, () =>
        soak({
          durationMs: duration,
          cycleMs: cycle,
          visit: visitor.visit,
          checkpoint: target.checkpoint,
          conditions: { warmUpMs: warmUp, growthLimitBytes: maxGrowth },
          stopEarly,
          signal: context.signal,
        }),
      );
      return { ...soaked, expired: await seeExpired(context) };
    } finally {
      await visitor.close();
    }
  },

  invariants: {
    applied: {
      "the server was visited, at least half as often as planned": ({ evidence, options }) => {
        const { visits, failed, lastedMs, visitingMs, lookingMs } = evidence;
        // a server that takes its time for an answer is not visited faster than that
        const visitMs = visitingMs / Math.max(1, visits + failed);
        const planned = Math.floor((lastedMs - lookingMs) / Math.max(options.cycle, visitMs));
        const took = `a visit took ${formatDuration(visitMs)}, the looks between ${formatDuration(lookingMs)}`;
        return atLeast(visits, Math.floor(planned / 2), "count", [took]);
      },
    },
    held: {
      "99 of 100 visits were answered": ({ evidence: { visits, failed, failures } }) =>
        atMost(visits + failed === 0 ? null : failed / (visits + failed), 0.01, "share", failures),
      "at most {ring} events are kept, always": ({ windows, options }) =>
        ofGauge("ringEvents", namedReadings(windows.all, "ringEvents"), (events) =>
          atMost(maximum(events), options.ring, "count", [`${events.length} readings`]),
        ),
      "their number varies by less than 10 % of {ring} once it is full": (facts) => judgePlateau(facts),
      "no event is kept beyond {ttl}": ({ windows, options }) =>
        ofGauge("oldestEventAgeMs", namedReadings(windows.all, "oldestEventAgeMs"), (ages) =>
          atMost(maximum(ages), options.ttl + TTL_SLACK_MS, "ms", [`${ages.length} readings`]),
        ),
      "its memory grows by less than {maxGrowth}": ({ evidence, options }) => {
        const { values, what } = memoryOf(evidence.checkpoints);
        const [first] = values;
        const last = values.at(-1);
        const grown = first === undefined || last === undefined ? null : Math.max(0, last - first);
        return below(grown, options.maxGrowth, "bytes", [what]);
      },
      "and rises by less than {maxVariation} in the second half": ({ evidence, options }) => {
        const { values, what } = memoryOf(evidence.checkpoints);
        const half = values.slice(values.length >> 1);
        return below(half.length < 2 ? null : largestRise(half), options.maxVariation, "bytes", [what]);
      },
      "memory, descriptors, threads, timers and gauges do not creep": ({ evidence, options, stayed }) =>
        measureLeak(
          judgeCheckpoints(evidence.checkpoints, {
            warmUpMs: options.warmUp,
            growthLimitBytes: options.maxGrowth,
          }),
          stayed,
        ),
    },
    recovered: {
      "every event was gone {ttl} after the last one": ({ evidence: { expired } }) => {
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

function judgePlateau({ windows, options }: Facts<Soak, unknown>): Measure {
  return ofGauge("ringEvents", namedReadings(windows.of("load"), "ringEvents"), (events) => {
    const variation = variationOnce(events, options.ring);
    if (variation === null)
      return unknown(`it was never full: ${maximum(events)} of ${options.ring}; publish more --events`);
    return below(variation / options.ring, 0.1, "share", [`by ${variation} of ${options.ring}`]);
  });
}

function ofGauge(name: string, values: number[] | null, measure: (values: number[]) => Measure): Measure {
  return values === null
    ? skipped(`the target has no gauge ${name}: --gauge ${name}=SOURCE`)
    : measure(values);
}

await main(import.meta, scenario);

#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Lets crowds of WebSocket clients come and go in every way that clients go: nothing of them may stay. */
import { setTimeout as delay } from "node:timers/promises";
import { total } from "../lib/clients/tally.ts";
import { churnOnce, isCountable, WAYS, type Way } from "../lib/scenario/churn.ts";
import { clientOptions, headersOf } from "../lib/scenario/client-options.ts";
import { meetServer } from "../lib/scenario/crowd-baseline.ts";
import {
  describeFailed,
  describeRefusals,
  describeShut,
  judgeCrowds,
  judgeLeft,
  keepCrowds,
  mostSeen,
} from "../lib/scenario/crowds.ts";
import { hubOptions, hubWords, refuseOtherProtocols, refusePlanting } from "../lib/scenario/hub-options.ts";
import { judgeCheckpoints, measureLeak } from "../lib/scenario/leak.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, drawnOn, skipped, unknown } from "../lib/scenario/measure.ts";
import { bytes, count, duration } from "../lib/scenario/number-options.ts";
import { optional, type Values } from "../lib/scenario/option.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import type { Checkpoint } from "../lib/scenario/target-watch.ts";
import { text } from "../lib/scenario/text-options.ts";
import { namedReadings } from "../lib/scenario/windows.ts";
import { maximum, minimum } from "../lib/stats/summary.ts";
import { WARM_UP_SHARE } from "../lib/stats/thresholds.ts";
import { BEHAVIOURS, FAULTS } from "../targets/hub/faults.ts";

/** The hub's cap where nobody says otherwise, and clients enough to feel it. */
const HUB_CAP = 100;
const HUB_CLIENTS = 120;
const FOREIGN_CLIENTS = 50;
/** What the hub's handler throws at. */
const HUB_MESSAGE = '{"type":"boom"}';
/** A silent client of the hub is dropped after two of those: more than clients that are only late on a busy box need. */
const HUB_HEARTBEAT_MS = 1500;
const HUB_SILENCE_MS = 10_000;
/** Of a long run no more quiet points than a verdict can use. */
const MOST_CHECKPOINTS = 600;

const options = {
  cycles: count({
    default: "50",
    smoke: "12",
    min: "1",
    environment: "WEBSOCKET_CHURN_CYCLES",
    help: "crowds that come and go; the ways to go take turns",
  }),
  clients: optional(
    count({ default: "120", min: "2", help: "in each crowd" }),
    `${HUB_CLIENTS} of the hub, ${FOREIGN_CLIENTS} of a server of yours`,
  ),
  cap: optional(
    count({ default: "100", min: "1", help: "subscribers that may be there at a time" }),
    `${HUB_CAP} of the hub, else not judged`,
  ),
  period: duration({ default: "1500ms", smoke: "200ms", help: "from one crowd to the next, at least" }),
  timeout: duration({
    default: "10s",
    min: "100ms",
    help: "for a handshake, and for the server's part of a close",
  }),
  leaveWithin: duration({ default: "5s", help: "how long a crowd may still be counted after it went" }),
  silenceWithin: optional(
    duration({ default: "60s", help: "when a silent, half-open client has to be dropped" }),
    "10 s by the hub, else not judged",
  ),
  boom: optional(
    text({ default: "", placeholder: "MESSAGE", help: "what makes a handler of your server throw" }),
    "what the hub throws at, else not judged",
  ),
  warmUp: optional(
    duration({ default: "20s", help: "declare how long the server takes to settle, a cache to fill" }),
    "a third of the run",
  ),
  maxGrowth: bytes({ default: "50MB", help: "memory by which a server without live bytes may grow" }),
  ...clientOptions,
  ...hubOptions("websocket-churn", { faults: FAULTS, behaviours: BEHAVIOURS }),
};

export const scenario = defineScenario({
  summary:
    "Let crowds of WebSocket clients come and go in every way: the cap holds, and nothing of them stays.",
  group: "confidence",
  options,
  target: {
    role: "loaded",
    headers: headersOf,
    hub: ({ cap, ...planted }) => [
      ...["--cap", String(cap ?? HUB_CAP), "--heartbeat-ms", String(HUB_HEARTBEAT_MS)],
      ...hubWords(planted),
    ],
  },
  contradictions: (values, _host, _given, target) => [
    ...refusePlanting(values, target),
    ...refuseOtherProtocols(target),
  ],
  plan: ({ cycles, clients, period }) => ({
    durationMs: 1000 + cycles * (Math.max(period, 300) + 500),
    steps: [
      `let ${clients ?? HUB_CLIENTS} clients connect at once, ${cycles} times`,
      "let them go, each time in another way",
    ],
    peak: { descriptors: (clients ?? HUB_CLIENTS) + 50, processes: 2 },
  }),

  async run({ options, target, phase, signal }) {
    const { cycles, period, leaveWithin, timeout } = options;
    const ways = waysFor(target.isHub, options);
    const cap = options.cap ?? (target.isHub ? HUB_CAP : null);
    const headers = headersOf(options);
    const socketsBefore = await meetServer({ target, phase, signal }, headers);
    const settings = {
      target,
      clients: options.clients ?? (target.isHub ? HUB_CLIENTS : FOREIGN_CLIENTS),
      headers,
      message: options.boom ?? HUB_MESSAGE,
      socketsBefore,
      timeoutMs: timeout,
      settleMs: leaveWithin,
      silenceMs: options.silenceWithin ?? HUB_SILENCE_MS,
      signal,
    };
    const { crowds, add } = keepCrowds({ cap, clients: settings.clients });
    const checkpoints: Checkpoint[] = [];
    const every = Math.ceil(cycles / MOST_CHECKPOINTS);
    let connections = 0;
    await phase("load", { lastsMs: cycles * period }, async () => {
      const becomesWarm = trackWarmUp(options);
      for (let cycle = 0; cycle < cycles && !signal.aborted; cycle++) {
        const startedMs = performance.now();
        if (becomesWarm(cycle)) await target.rebase();
        if (cycle % every === 0) checkpoints.push(await target.checkpoint(connections));
        const record = await churnOnce(cycle, ways[cycle % ways.length] ?? "polite", settings);
        // of a crowd that was cut short nobody knows what would have become
        if (signal.aborted) break;
        add(record);
        connections += settings.clients;
        const restMs = Math.max(0, period - (performance.now() - startedMs));
        await delay(restMs, undefined, { signal }).catch(() => {});
      }
      if (!signal.aborted) checkpoints.push(await target.checkpoint(connections));
    });
    const countable = isCountable(target, socketsBefore);
    return { cap, clients: settings.clients, ways, connections, crowds, countable, checkpoints };
  },

  invariants: {
    applied: {
      "all {cycles} crowds came": ({ evidence, options }) =>
        atLeast(total(evidence.crowds.came), options.cycles, "count"),
      "as many of each crowd were let in as there is room for": ({ evidence }) =>
        judgeCrowds(evidence.crowds, describeShut(evidence), WAYS),
    },
    held: {
      "subscribers are never above the cap": ({ evidence: { crowds, cap }, windows }) => {
        if (cap === null) return skipped("no cap is known: --cap");
        if (total(crowds.came) === 0) return unknown("there were no crowds");
        const sampled = namedReadings(windows.of("load"), "subscribers") ?? [];
        const most = maximum([...crowds.kept.map(mostSeen), ...sampled]);
        return drawnOn("subscribers", atMost(most, cap, "count"));
      },
      "clients above the cap are told so: close code 1013, or HTTP 503 or 429": ({ evidence }) => {
        const { crowds, cap, clients } = evidence;
        if (cap === null || clients <= cap) return skipped("no crowd is larger than the cap");
        const told = WAYS.filter((way) => way !== "handshake");
        return judgeCrowds(crowds, describeRefusals, told);
      },
      "no client is left without an answer": ({ evidence }) =>
        judgeCrowds(evidence.crowds, describeFailed, WAYS),
      "the count of subscribers never falls below zero": ({ windows }) => {
        const counts = namedReadings(windows.all, "subscribers");
        if (counts === null) return skipped(NO_SUBSCRIBERS);
        return atLeast(minimum(counts), 0, "count", [`${counts.length} readings`]);
      },
      "memory, descriptors, threads, timers and gauges do not creep": ({ evidence, options, stayed }) =>
        measureLeak(
          judgeCheckpoints(evidence.checkpoints, {
            warmUpMs: options.warmUp,
            growthLimitBytes: options.maxGrowth,
            per: "connection",
          }),
          stayed,
        ),
    },
    recovered: {
      "no client stays after a polite close": ({ evidence }) => judgeLeft(evidence, ["polite"]),
      "none stays after an abrupt end, by FIN or by RST": ({ evidence }) =>
        judgeLeft(evidence, ["destroy", "reset"]),
      "none stays after an exception in its handler": ({ evidence }) => judgeLeft(evidence, ["boom"]),
      "none stays that went silent, half-open": ({ evidence }) => judgeLeft(evidence, ["silence"]),
      "none stays that went during the handshake": ({ evidence }) => judgeLeft(evidence, ["handshake"]),
      "no subscriber is left at the end": ({ evidence: { crowds }, windows }) => {
        if (namedReadings(windows.all, "subscribers") === null) return skipped(NO_SUBSCRIBERS);
        return atMost(crowds.kept.at(-1)?.leftSubscribers, 0, "count");
      },
    },
  },
});

const NO_SUBSCRIBERS = "the target has no gauge subscribers: --gauge subscribers=SOURCE";

function waysFor(isHub: boolean, { boom, silenceWithin }: Values<typeof options>): Way[] {
  const foreign = { boom: boom !== null, silence: silenceWithin !== null };
  return WAYS.filter((way) => isHub || !(way in foreign) || foreign[way as keyof typeof foreign]);
}

/** Says once that the server has had the time to settle that was declared, or as many crowds as the trend leaves out. */
function trackWarmUp({ warmUp, cycles }: Values<typeof options>): (cycle: number) => boolean {
  const startedMs = performance.now();
  let told = false;
  return (cycle) => {
    const isOver = () => performance.now() - startedMs >= (warmUp ?? 0);
    if (told || (warmUp === null ? cycle < Math.floor(cycles * WARM_UP_SHARE) : !isOver())) return false;
    told = true;
    return true;
  };
}

await main(import.meta, scenario);

#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Lets crowds of WebSocket clients come and go in every way that clients go: nothing of them may stay. */
import { setTimeout as delay } from "node:timers/promises";
import type { Tally } from "../lib/clients/tally.ts";
import { openWebSocket } from "../lib/clients/visitor.ts";
import { type ChurnRecord, churnOnce, countFewest, WAYS, type Way } from "../lib/scenario/churn.ts";
import { clientOptions, headersOf } from "../lib/scenario/client-options.ts";
import { FIRST_VISIT, tryFirst } from "../lib/scenario/first-contact.ts";
import { hubOptions, hubWords, refusePlanting } from "../lib/scenario/hub-options.ts";
import { judgeCheckpoints, measureLeak } from "../lib/scenario/leak.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, type Measure, none, skipped, unknown } from "../lib/scenario/measure.ts";
import { bytes, count, duration } from "../lib/scenario/number-options.ts";
import { optional, type Values } from "../lib/scenario/option.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import type { Checkpoint } from "../lib/scenario/target-watch.ts";
import { text } from "../lib/scenario/text-options.ts";
import { namedReadings } from "../lib/scenario/windows.ts";
import { maximum, minimum } from "../lib/stats/summary.ts";
import { BEHAVIOURS, FAULTS } from "../targets/hub/faults.ts";

/** How "full" is said: try again later (RFC 6455, IANA registry), service unavailable, too many requests. */
const FULL = ["1013", "503", "429"];
/** The hub's cap where nobody says otherwise, and clients enough to feel it. */
const HUB_CAP = 100;
const HUB_CLIENTS = 120;
const FOREIGN_CLIENTS = 50;
const BASELINE_MS = 1000;
/** What the hub's handler throws at. */
const HUB_MESSAGE = '{"type":"boom"}';
/** A silent client of the hub is dropped after two of those. */
const HUB_HEARTBEAT_MS = 500;
const HUB_SILENCE_MS = 10_000;

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
    ...(target && !/^(wss?|https?|unix):/.test(target.url ?? "")
      ? [`Cannot open WebSockets: expected --target-url ws://…, got ${target.url ?? "none"}`]
      : []),
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
    await phase("baseline", FIRST_VISIT, () =>
      tryFirst(target, () => openWebSocket(target.running.url ?? "", headers)),
    );
    const socketsBefore = await phase("baseline", { lastsMs: BASELINE_MS }, () =>
      countFewest({ target, signal }, BASELINE_MS),
    );
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
    const records: ChurnRecord[] = [];
    const checkpoints: Checkpoint[] = [];
    let connections = 0;
    await phase("load", { lastsMs: cycles * period }, async () => {
      for (let cycle = 0; cycle < cycles && !signal.aborted; cycle++) {
        const startedMs = performance.now();
        checkpoints.push(await target.checkpoint(connections));
        const record = await churnOnce(cycle, ways[cycle % ways.length] ?? "polite", settings);
        records.push(record);
        connections += record.asked;
        const restMs = Math.max(0, period - (performance.now() - startedMs));
        await delay(restMs, undefined, { signal }).catch(() => {});
      }
      if (!signal.aborted) checkpoints.push(await target.checkpoint(connections));
    });
    return { cap, clients: settings.clients, ways, connections, records, checkpoints };
  },

  invariants: {
    applied: {
      "all {cycles} crowds came": ({ evidence, options }) =>
        atLeast(evidence.records.length, options.cycles, "count"),
      "as many of each crowd were let in as there is room for": ({ evidence: { records, cap, clients } }) => {
        const room = Math.min(clients, cap ?? clients);
        return none(
          tell(records, ({ opened }) => (opened >= room ? null : `${opened} of ${room}`)),
          records.length,
          "crowds",
        );
      },
    },
    held: {
      "subscribers are never above the cap": ({ evidence: { records, cap } }) => {
        if (cap === null) return skipped("no cap is known: --cap");
        const most = records.flatMap((record) =>
          record.way === "handshake" ? [] : [Math.max(record.opened, record.peakSubscribers ?? 0)],
        );
        return atMost(maximum(most), cap, "count");
      },
      "clients above the cap are told so: close code 1013, or HTTP 503 or 429": ({ evidence }) => {
        const { records, cap, clients } = evidence;
        if (cap === null || clients <= cap) return skipped("no crowd is larger than the cap");
        const crowds = records.filter(({ way }) => way !== "handshake");
        return none(tell(crowds, describeRefusals), crowds.length, "crowds");
      },
      "no client is left without an answer": ({ evidence: { records } }) =>
        none(
          tell(records, ({ failed }) => describeTally(failed)),
          records.length,
          "crowds",
        ),
      "the count of subscribers never falls below zero": ({ windows }) => {
        const counts = namedReadings(windows.all, "subscribers");
        if (counts === null) return skipped(NO_SUBSCRIBERS);
        return atLeast(minimum(counts), 0, "count", [`${counts.length} readings`]);
      },
      "memory, descriptors, threads, timers and gauges do not creep": ({ evidence, options, stayed }) =>
        measureLeak(
          judgeCheckpoints(evidence.checkpoints, { warmUpMs: null, growthLimitBytes: options.maxGrowth }),
          stayed,
        ),
    },
    recovered: {
      "no client stays after a polite close": (facts) => judgeLeft(facts, ["polite"]),
      "none stays after an abrupt end, by FIN or by RST": (facts) => judgeLeft(facts, ["destroy", "reset"]),
      "none stays after an exception in its handler": (facts) => judgeLeft(facts, ["boom"]),
      "none stays that went silent, half-open": (facts) => judgeLeft(facts, ["silence"]),
      "none stays that went during the handshake": (facts) => judgeLeft(facts, ["handshake"]),
      "no subscriber is left at the end": ({ evidence: { records } }) => {
        const left = records.at(-1)?.leftSubscribers ?? null;
        return left === null ? skipped(NO_SUBSCRIBERS) : atMost(left, 0, "count");
      },
    },
  },
});

const NO_SUBSCRIBERS = "the target has no gauge subscribers: --gauge subscribers=SOURCE";

interface Churned {
  readonly ways: readonly Way[];
  readonly records: readonly ChurnRecord[];
}

function waysFor(isHub: boolean, { boom, silenceWithin }: Values<typeof options>): Way[] {
  const foreign = { boom: boom !== null, silence: silenceWithin !== null };
  return WAYS.filter((way) => isHub || !(way in foreign) || foreign[way as keyof typeof foreign]);
}

/** What an earlier crowd left is not put down to a later one. */
function judgeLeft({ evidence: { ways, records } }: { evidence: Churned }, judged: readonly Way[]): Measure {
  if (!judged.some((way) => ways.includes(way)))
    return skipped(
      `of a server of yours it takes ${judged.includes("boom") ? "--boom" : "--silence-within"}`,
    );
  const crowds = records.flatMap((record, index) => {
    return judged.includes(record.way) ? [{ record, before: records[index - 1] }] : [];
  });
  if (crowds.length === 0) return unknown("there were too few --cycles for it");
  const wrong = crowds.flatMap(({ record, before }) => {
    const what = describeLeft(record, before);
    return what === "" ? [] : [`crowd ${record.cycle + 1} (${record.way}): ${what}`];
  });
  return none(wrong, crowds.length, "crowds");
}

function describeLeft(record: ChurnRecord, before: ChurnRecord | undefined): string {
  const more = (key: "leftSubscribers" | "leftSockets") =>
    (record[key] ?? 0) - Math.max(0, before?.[key] ?? 0);
  return [
    more("leftSubscribers") > 0 && `${more("leftSubscribers")} subscribers`,
    more("leftSockets") > 0 && `${more("leftSockets")} sockets`,
    record.keptSilent > 0 && `${record.keptSilent} of ${record.opened} were not dropped`,
  ]
    .filter(Boolean)
    .join(", ");
}

function tell(records: readonly ChurnRecord[], wrong: (record: ChurnRecord) => string | null): string[] {
  return records.flatMap((record) => {
    const what = wrong(record);
    return what === null ? [] : [`crowd ${record.cycle + 1} (${record.way}): ${what}`];
  });
}

function describeRefusals({ refused }: ChurnRecord): string | null {
  return describeTally(Object.fromEntries(Object.entries(refused).filter(([kind]) => !FULL.includes(kind))));
}

function describeTally(tally: Tally): string | null {
  const parts = Object.entries(tally).map(([kind, times]) => `${times} × ${kind}`);
  return parts.length === 0 ? null : parts.join(", ");
}

await main(import.meta, scenario);

#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Sends events through a Socket.IO server to namespaces and rooms, over every transport: each consumer gets exactly its own, in order. */
import { openNetwork } from "../lib/clients/network.ts";
import { type BroadcastRecord, openBroadcast } from "../lib/scenario/broadcast.ts";
import { connection } from "../lib/scenario/churn.ts";
import { clientOptions, headersOf } from "../lib/scenario/client-options.ts";
import { BASELINE_MS } from "../lib/scenario/crowd-baseline.ts";
import { hubOptions, hubWords, refusePlanting } from "../lib/scenario/hub-options.ts";
import { judgeLeftOver, seeOff } from "../lib/scenario/left-over.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, type Measure, skipped, so, unknown, worst } from "../lib/scenario/measure.ts";
import { bytes, count, duration } from "../lib/scenario/number-options.ts";
import { optional } from "../lib/scenario/option.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { meetSocketIo, refuseOtherThanSocketIo } from "../lib/scenario/socket-io-baseline.ts";
import { readSpeech, speechOptions } from "../lib/scenario/speech-options.ts";
import { judgeClosed, judgePace, judgeStream } from "../lib/scenario/stream-text.ts";
import { describeTally } from "../lib/scenario/tally-text.ts";
import { text } from "../lib/scenario/text-options.ts";
import { BEHAVIOURS, FAULTS } from "../targets/hub/faults.ts";

const HUB_NAMESPACES = ["/", "/lobby"];
const NAMES = /^\/[\w-]*(,\/[\w-]*){0,15}$/;

const options = {
  rate: count({ default: "100", min: "1", max: "100000", help: "events a second that are expected" }),
  overload: count({ default: "3", min: "1", help: "times as many in the second part" }),
  lasts: duration({ default: "5s", smoke: "3s", min: "1s", help: "of each of the two parts" }),
  consumers: count({
    default: "48",
    min: "6",
    help: "clients that listen: over WebSocket, by polling, and upgraded, in turn",
  }),
  producers: count({ default: "4", min: "1", max: "1000", help: "clients that send" }),
  namespaces: optional(
    text({
      default: "/",
      placeholder: "/NAME,…",
      help: "in which they are, in turn",
      accepts: (names) => (NAMES.test(names) ? null : "names of namespaces, each with its /"),
    }),
    `${HUB_NAMESPACES.join(" and ")} of the hub, / of a server of yours`,
  ),
  rooms: count({ default: "3", max: "8", help: "of each namespace; clients are in every set of them" }),
  size: bytes({ default: "200", min: "64", max: "8000", help: "of each event's text" }),
  delay: duration({
    default: "20ms",
    max: "1s",
    help: "of each message of clients that upgrade, in both directions: events come meanwhile",
  }),
  maxObjects: count({ default: "10000", help: "objects more that may live in the target after all that" }),
  settle: duration({ default: "2s", help: "how long the last events may be on their way" }),
  leaveWithin: duration({ default: "5s", help: "how long clients may still be counted after they went" }),
  timeout: duration({ default: "10s", min: "100ms", help: "to connect, to upgrade, and to join a room" }),
  ...speechOptions,
  ...clientOptions,
  ...hubOptions("socketio-broadcast", { faults: FAULTS, behaviours: BEHAVIOURS }),
};

export const scenario = defineScenario({
  summary:
    "Send events through Socket.IO to namespaces and rooms over every transport: each gets exactly its own, in order.",
  group: "sockets",
  options,
  target: {
    role: "loaded",
    headers: headersOf,
    hub: ({ consumers, ...planted }) => [
      ...["--namespaces", "lobby", "--cap", String(Math.max(100, 2 * consumers))],
      ...hubWords(planted),
    ],
  },
  contradictions: (values, _host, _given, target) => [
    ...refusePlanting(values, target),
    ...refuseOtherThanSocketIo(target),
  ],
  plan: ({ rate, overload, lasts, consumers, producers, settle }) => ({
    durationMs: 2 * BASELINE_MS + 2 * (lasts + settle / 4),
    steps: [
      `let ${producers} producers send ${rate} events a second to ${consumers} consumers`,
      `the same at ${overload} times that, while consumers leave rooms, go, and come anew`,
    ],
    // who polls has two at a time
    peak: { descriptors: 4 * consumers + producers + 50, processes: 2 },
  }),

  async run(context) {
    const { options, target, phase, signal, seed } = context;
    const headers = headersOf(options);
    const { url } = connection({ target, headers });
    const socketsBefore = await meetSocketIo(context, { url, headers, timeoutMs: options.timeout });
    const slowNetwork = await openNetwork(url, { delayMs: options.delay }, seed);
    const broadcast = await openBroadcast({
      slowNetwork,
      ...{ url, headers, signal, timeoutMs: options.timeout },
      ...{ consumers: options.consumers, producers: options.producers },
      namespaces: options.namespaces?.split(",") ?? (target.isHub ? HUB_NAMESPACES : ["/"]),
      rooms: Array.from({ length: options.rooms }, (_, index) => `room-${index + 1}`),
      speech: readSpeech(options),
      ...{ lastsMs: options.lasts, settleMs: options.settle, sizeBytes: options.size },
      readStalledMs: () => context.read().cpuStalledMs ?? null,
    });
    try {
      const before = await target.countObjects();
      const send = (label: string, rate: number, renew: boolean) =>
        phase("load", { label, lastsMs: options.lasts }, () => broadcast.send(rate, renew));
      const expected = await send("expected", options.rate, false);
      const left = await broadcast.leaveRooms();
      const overload = await send("overload", options.rate * options.overload, true);
      const objects = { before, after: await target.countObjects() };
      const { opened, transports, failed } = broadcast;
      const leaving = { socketsBefore, settleMs: options.leaveWithin, leave: async () => broadcast.close() };
      const gone = await seeOff(context, leaving);
      return { opened, transports, failed, leftRooms: left, parts: { expected, overload }, objects, ...gone };
    } finally {
      broadcast.close();
      await slowNetwork.close();
    }
  },

  invariants: {
    applied: {
      "all {consumers} consumers were let in": ({ evidence: { opened, failed }, options }) =>
        atLeast(opened, options.consumers, "count", [describeTally(failed) ?? "nobody was refused"]),
      "over WebSocket, by polling, and upgraded from polling": ({ evidence: { transports } }) => {
        const wrong = Object.keys(transports).filter((kind) => kind.includes("not upgraded"));
        const told = describeTally(transports) ?? "nobody";
        return so(wrong.length === 0 && Object.keys(transports).length >= KINDS, told, "each of them");
      },
      "events were sent as they were due": ({ evidence: { parts } }) => ofParts(parts, judgePace),
      "consumers left rooms, and came anew while events were sent": ({ evidence, options }) => {
        const { leftRooms, parts } = evidence;
        const few = Math.min(leftRooms || (options.rooms === 0 ? 1 : 0), parts.overload.newcomers);
        return atLeast(few, 1, "count", [`${leftRooms} left a room, ${parts.overload.newcomers} came anew`]);
      },
    },
    held: {
      "none is lost": ({ evidence: { parts } }) => ofParts(parts, (part) => judgeStream(part, "lost")),
      "none comes twice": ({ evidence: { parts } }) =>
        ofParts(parts, (part) => judgeStream(part, "duplicated")),
      "they come in the order in which a producer sent them": ({ evidence: { parts } }) =>
        ofParts(parts, (part) => judgeStream(part, "reordered")),
      "nobody gets what is for another namespace or room": ({ evidence: { parts } }) =>
        ofParts(parts, (part) => judgeStream(part, "unasked")),
      "no consumer is closed": ({ evidence: { parts } }) => judgeClosed([parts.overload]),
      "at most {maxObjects} objects more live in the target": ({ evidence: { objects, parts }, options }) => {
        const { before, after } = objects;
        if (before === null)
          return skipped("its objects cannot be counted: it is no Node that we start, or has no inspector");
        if (parts.overload.cutShort) return unknown("the run was ended early");
        return atMost(after && Math.max(0, after - before), options.maxObjects, "count", [
          `${before} before, ${after ?? "not counted"} after`,
        ]);
      },
    },
    recovered: {
      "nobody is left afterwards": ({ evidence }) => judgeLeftOver([evidence]),
    },
  },
});

/** Of transports, where all are there. */
const KINDS = 3;

function ofParts(
  { expected, overload }: Readonly<Record<"expected" | "overload", BroadcastRecord>>,
  judge: (part: BroadcastRecord) => Measure,
): Measure {
  return worst([
    ["expected load", judge(expected)],
    ["overload", judge(overload)],
  ]);
}

await main(import.meta, scenario);

#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Streams messages through a server to many WebSocket clients: all, once, in order, in time, and to nobody who did not ask; also beside a slow one. */
import { connectMany } from "../lib/clients/websocket.ts";
import { connection } from "../lib/scenario/churn.ts";
import { clientOptions, headersOf } from "../lib/scenario/client-options.ts";
import { BASELINE_MS, meetServer } from "../lib/scenario/crowd-baseline.ts";
import { hubOptions, hubWords, refuseOtherProtocols, refusePlanting } from "../lib/scenario/hub-options.ts";
import { judgeLeftOver, seeOff } from "../lib/scenario/left-over.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast } from "../lib/scenario/measure.ts";
import { bytes, count, duration, share } from "../lib/scenario/number-options.ts";
import { optional } from "../lib/scenario/option.ts";
import { type Context, defineScenario } from "../lib/scenario/scenario.ts";
import { openStream, type StreamRecord } from "../lib/scenario/stream.ts";
import {
  type BesideSlow,
  judgeBeside,
  judgeClosed,
  judgeDelivered,
  judgeKept,
  judgeLatency,
  judgePace,
  judgeStream,
  judgeThroughput,
} from "../lib/scenario/stream-text.ts";
import { choice, text } from "../lib/scenario/text-options.ts";
import { growthBetween } from "../lib/scenario/weight.ts";
import { BEHAVIOURS, FAULTS } from "../targets/hub/faults.ts";

/** Whoever does not read answers no ping: it is not for that that it may be dropped here. */
const HUB_HEARTBEAT_MS = "60000";

const options = {
  rate: text({
    default: "500",
    placeholder: "N|max",
    help: "messages a second; max: as many as are delivered",
    accepts: (rate) => (/^[1-9]\d{0,5}$|^max$/.test(rate) ? null : "a whole number from 1 to 999999, or max"),
  }),
  lasts: duration({ default: "5s", smoke: "4s", min: "1s", help: "of each of the two streams" }),
  subscribers: count({
    default: "12",
    min: "2",
    help: "clients that listen, at a hub from four levels on in turn",
  }),
  size: bytes({ default: "8000", min: "64", max: "8000", help: "of each message's text" }),
  slow: count({ default: "3", help: "clients that do not read while the second stream goes on" }),
  route: optional(
    choice(["echo", "room"], {
      default: "echo",
      help: "who gets what a client sends to your server: the same client, or all",
    }),
    "subscribers of the hub; echo of a server of yours",
  ),
  minRate: count({ default: "50", help: "messages a second that have to get through, at the least" }),
  minDelivered: share({
    default: "95%",
    help: "of all deliveries, at the least; and on a clean network all",
  }),
  maxLatency: duration({ default: "1s", help: "in which 99 of 100 deliveries have to arrive" }),
  maxSlowdown: duration({
    default: "250ms",
    help: "by which the 99th percentile may be later beside slow clients",
  }),
  maxUnsent: bytes({ default: "1.5MiB", help: "what the target may keep for each slow client" }),
  settle: duration({ default: "2s", help: "how long the last messages may be on their way" }),
  ...clientOptions,
  ...hubOptions("websocket-stream", { faults: FAULTS, behaviours: BEHAVIOURS }),
};

export const scenario = defineScenario({
  summary: "Stream messages to many clients: none lost, twice, out of order or late, also beside a slow one.",
  group: "sockets",
  options,
  target: {
    role: "loaded",
    headers: headersOf,
    hub: (values) => ["--heartbeat-ms", HUB_HEARTBEAT_MS, ...hubWords(values)],
  },
  contradictions: (values, _host, _given, target) => [
    ...refusePlanting(values, target),
    ...refuseOtherProtocols(target),
    ...(target === null && values.route !== null
      ? ["Cannot take --route with the reference hub: expected it with a target of yours"]
      : []),
  ],
  plan: ({ lasts, settle, rate, subscribers, slow }) => ({
    durationMs: BASELINE_MS + 2 * (lasts + settle / 4),
    steps: [
      `stream ${rate === "max" ? "as many messages as are delivered" : `${rate} messages a second`} to ${subscribers} clients`,
      `the same beside ${slow} clients that do not read`,
    ],
    peak: { descriptors: subscribers + slow + 50, processes: 2 },
  }),

  async run(context) {
    const { options, target, phase, signal } = context;
    const headers = headersOf(options);
    const socketsBefore = await meetServer({ target, phase, signal }, headers);
    const route = target.isHub ? "hub" : (options.route ?? "echo");
    const stream = await openStream({
      ...connection({ target, headers }),
      ...{ route, subscribers: options.subscribers, lastsMs: options.lasts, signal },
      ...{ rate: options.rate === "max" ? null : Number(options.rate), settleMs: options.settle },
      sizeBytes: options.size,
      readStalledMs: () => context.read().cpuStalledMs ?? null,
    });
    const send = (label: string) => phase("load", { label, lastsMs: options.lasts }, stream.send);
    const alone = await send("alone");
    const beside =
      route === "echo" || signal.aborted ? null : await besideSlow(context, () => send("beside slow ones"));
    const { opened, missing } = stream;
    const leaving = { socketsBefore, settleMs: options.settle, leave: stream.close };
    const left = await seeOff(context, leaving);
    return { opened, missing, alone, beside, ...left };
  },

  invariants: {
    applied: {
      "all {subscribers} clients were let in": ({ evidence: { opened, missing }, options }) =>
        atLeast(opened, options.subscribers, "count", missing === null ? [] : [missing]),
      "messages were sent as they were due": ({ evidence: { alone } }) => judgePace(alone),
    },
    held: {
      "at least {minRate} messages a second get through": ({ evidence: { alone }, options }) =>
        judgeThroughput(alone, options.minRate),
      "at least {minDelivered} of all deliveries arrive": ({ evidence: { alone }, options }) =>
        judgeDelivered(alone, options.minDelivered),
      "none is lost": ({ evidence }) => judgeStream(evidence.alone, "lost"),
      "none comes twice": ({ evidence }) => judgeStream(evidence.alone, "duplicated"),
      "they come in the order in which they were sent": ({ evidence }) =>
        judgeStream(evidence.alone, "reordered"),
      "nobody gets what was not asked for": ({ evidence }) => judgeStream(evidence.alone, "unasked"),
      "99 % arrive within {maxLatency} of when they were due": ({ evidence: { alone }, options }) =>
        judgeLatency(alone, options.maxLatency),
      "slow clients do the others no harm: nothing lost, and 99 % at most {maxSlowdown} later": ({
        evidence: { alone, beside },
        options,
      }) => judgeBeside(alone, beside, options.maxSlowdown),
      "what is kept for a slow client is bounded: {maxUnsent}": ({ evidence: { beside }, options }) =>
        judgeKept(beside, options.size, options.maxUnsent),
      "no subscriber that reads is closed": ({ evidence: { alone, beside } }) =>
        judgeClosed(beside === null ? [alone] : [alone, beside]),
    },
    recovered: {
      "nobody is left afterwards": ({ evidence }) => judgeLeftOver([evidence]),
    },
  },
});

type Run = Context<typeof options>;

/** Slow clients are let in, stop reading, and go when the stream is over. */
async function besideSlow(
  { options, target, signal }: Run,
  stream: () => Promise<StreamRecord>,
): Promise<BesideSlow> {
  const headers = headersOf(options);
  const clients = await connectMany({
    ...connection({ target, headers }),
    ...{ count: options.slow, confirm: true, signal },
  });
  const before = await target.checkpoint(0);
  clients.silence();
  const record = await stream();
  const growth = growthBetween(before, await target.checkpoint(1));
  await clients.letGo();
  return { ...record, slow: clients.opened, growth };
}

await main(import.meta, scenario);

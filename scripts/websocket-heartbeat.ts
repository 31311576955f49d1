#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Listens to a server's heartbeat at many WebSocket clients: on time, to each of them; and whoever stops answering is dropped. */
import { addUp } from "../lib/clients/tally.ts";
import { type Drops, openAudience } from "../lib/scenario/audience.ts";
import {
  type BeatLimits,
  type BeatsHeard,
  describeDistance,
  type HeardBeats,
  listeningMs,
} from "../lib/scenario/beats.ts";
import { connection } from "../lib/scenario/churn.ts";
import { clientOptions, headersOf } from "../lib/scenario/client-options.ts";
import { BASELINE_MS, meetServer } from "../lib/scenario/crowd-baseline.ts";
import { hubOptions, hubWords, refuseOtherProtocols, refusePlanting } from "../lib/scenario/hub-options.ts";
import { judgeLeftOver, seeOff } from "../lib/scenario/left-over.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, type Measure, none, unknown } from "../lib/scenario/measure.ts";
import { count, duration, share } from "../lib/scenario/number-options.ts";
import { optional, type Values } from "../lib/scenario/option.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { describeTally } from "../lib/scenario/tally-text.ts";
import { text } from "../lib/scenario/text-options.ts";
import { maximum } from "../lib/stats/summary.ts";
import { formatAmount, formatDuration } from "../lib/units.ts";
import { BEHAVIOURS, FAULTS } from "../targets/hub/faults.ts";

/** A client that has stopped answering misses one heartbeat, and is dropped at the next. */
const INTERVALS_TO_DROP = 2;

const options = {
  every: duration({ default: "30s", smoke: "1s", min: "100ms", help: "from one heartbeat to the next" }),
  tolerance: share({ default: "10%", max: "50%", help: "of the interval: how far off a heartbeat may be" }),
  beats: count({ default: "4", smoke: "3", min: "2", help: "that are listened to" }),
  clients: count({ default: "50", min: "2", help: "that listen" }),
  muted: count({ default: "10", min: "1", help: "of them, that then stop answering" }),
  leaveWithin: duration({
    default: "5s",
    smoke: "2s",
    help: "how long who was dropped may still be counted",
  }),
  beat: optional(
    text({ default: "", placeholder: "TEXT", help: "what a heartbeat contains that comes as a message" }),
    "pings of the WebSocket protocol (RFC 6455, 5.5.2)",
  ),
  answer: optional(
    text({ default: "", placeholder: "TEXT", help: "the message that answers such a heartbeat" }),
    "pongs alone",
  ),
  ...clientOptions,
  ...hubOptions("websocket-heartbeat", { faults: FAULTS, behaviours: BEHAVIOURS }),
};

export const scenario = defineScenario({
  summary:
    "Listen to a server's heartbeat at many clients: on time, to each; who stops answering is dropped.",
  group: "sockets",
  options,
  target: {
    role: "loaded",
    headers: headersOf,
    hub: ({ every, ...planted }) => [
      ...["--heartbeat-ms", String(Math.round(every)), "--missed-beats", "1"],
      ...hubWords(planted),
    ],
  },
  contradictions: (values, _host, _given, target) => [
    ...refusePlanting(values, target),
    ...refuseOtherProtocols(target),
    ...(values.muted < values.clients
      ? []
      : [`Cannot mute ${values.muted} of ${values.clients} --clients: expected some that go on answering`]),
    ...(values.answer !== null && values.beat === null
      ? ["Cannot --answer pings with a message: expected --beat TEXT beside it"]
      : []),
  ],
  plan: (values) => ({
    durationMs: BASELINE_MS + listeningMs(values) + watchMs(values),
    steps: [
      `let ${values.clients} clients connect and hear ${values.beats} heartbeats each`,
      `let ${values.muted} of them stop answering, and wait until they are dropped`,
    ],
    peak: { descriptors: values.clients + 50, processes: 2 },
  }),

  async run({ options, target, phase, signal }) {
    const headers = headersOf(options);
    const socketsBefore = await meetServer({ target, phase, signal }, headers);
    const { clients: count, beat, answer } = options;
    const audience = await openAudience({ ...connection({ target, headers }), count, beat, answer, signal });
    const { clients } = audience;
    const beats = await phase("load", { label: "listen", lastsMs: listeningMs(options) }, () =>
      audience.listen(listeningMs(options)),
    );
    const drops = await phase("load", { label: "mute", lastsMs: watchMs(options) }, () =>
      audience.mute(options.muted, watchMs(options)),
    );
    const leaving = { socketsBefore, settleMs: options.leaveWithin, leave: () => clients.end("polite") };
    const left = await seeOff({ target, phase, signal }, leaving);
    const { opened, refused, failed } = clients;
    return { opened, notOpened: addUp(refused, failed), beats, drops, lost: audience.lost(), ...left };
  },

  invariants: {
    applied: {
      "all {clients} clients were let in": ({ evidence: { opened, notOpened }, options }) =>
        atLeast(opened, options.clients, "count", [describeTally(notOpened) ?? "nobody was refused"]),
      "they listened for {beats} heartbeats": ({ evidence: { beats }, options }) =>
        atLeast(beats.listenedMs, listeningMs(options) * ALMOST, "ms"),
      "{muted} clients stopped answering": ({ evidence: { drops }, options }) =>
        atLeast(drops.muted, options.muted, "count"),
    },
    held: {
      "a heartbeat comes to every client, as often as it has to": ({ evidence, options }) => {
        const { beats } = evidence;
        const few = beats.heard.flatMap((one, index) =>
          one.beats >= options.beats ? [] : [`client ${index + 1}: ${one.beats} of ${options.beats}`],
        );
        return unlessOurs(
          few,
          evidence,
          options,
          (one) => one.beats >= options.beats - beats.ownLateMs / options.every,
        );
      },
      "each comes on time: every {every}, within {tolerance}": ({ evidence, options }) => {
        const { beats } = evidence;
        const off = beats.heard.flatMap((one, index) => {
          const wrong = describeDistance(one, options, 0);
          if (!wrong) return [];
          const by = formatAmount(wrong.byMs, "ms");
          return [`client ${index + 1}: ${by} too ${wrong.isLate ? "late" : "early"}`];
        });
        const isOurs = (one: HeardBeats) => describeDistance(one, options, 2 * beats.ownLateMs) === null;
        return unlessOurs(off, evidence, options, isOurs);
      },
      "nobody who answers is dropped": ({ evidence: { lost, opened } }) =>
        none(describeTally(lost) === null ? [] : [`${describeTally(lost)}`], opened, "clients"),
      "who stops answering is dropped within two intervals": ({ evidence, options }) =>
        judgeDrops(evidence.drops, options),
    },
    recovered: {
      "the subscription of who was dropped is freed within {leaveWithin}": ({ evidence }) =>
        judgeLeftOver([evidence]),
    },
  },
});

/** Timers end a little early. */
const ALMOST = 0.99;

function dropWithinMs({ every, tolerance }: Values<typeof options>): number {
  return (INTERVALS_TO_DROP + tolerance) * every;
}

/** What is amiss may be ours: where our own event loop was late enough for it, or not all were there all the time, nobody can tell. */
function unlessOurs(
  amiss: readonly string[],
  { beats, opened }: { readonly beats: BeatsHeard; readonly opened: number },
  limits: BeatLimits & { readonly clients: number },
  isOurs: (one: HeardBeats) => boolean,
): Measure {
  const { heard, ownLateMs, listenedMs } = beats;
  if (opened < limits.clients) return unknown(`only ${opened} of ${limits.clients} clients were there`);
  if (listenedMs < listeningMs(limits) * ALMOST) return unknown("they were kept from listening to the end");
  if (amiss.length === 0 || !heard.every(isOurs)) return none(amiss, heard.length, "clients");
  return unknown(`our own event loop was late by up to ${formatDuration(ownLateMs)}: ${amiss[0]}`);
}

/** Watched for longer than they have, so that who is merely heard late is not taken for one who is kept. */
function watchMs(values: Values<typeof options>): number {
  return dropWithinMs(values) + values.every;
}

function judgeDrops(drops: Drops, values: Values<typeof options>): Measure {
  const { muted, droppedAfterMs, droppedBy, watchedMs, ownLateMs } = drops;
  if (muted === 0) return unknown("nobody stopped answering");
  const late = droppedAfterMs.filter((afterMs) => afterMs > dropWithinMs(values) + ownLateMs).length;
  const kept = muted - droppedAfterMs.length;
  if (kept > 0 && watchedMs < watchMs(values) * ALMOST) return unknown("they were not watched to the end");
  if (kept > 0 && ownLateMs > values.every / 2)
    return unknown(`our own event loop was late by up to ${formatDuration(ownLateMs)}`);
  const slowest = maximum(droppedAfterMs);
  const took =
    slowest === null ? "nobody" : `${describeTally(droppedBy)}, after ${formatDuration(slowest)} at most`;
  return atMost(kept + late, 0, "count", [`dropped: ${took}`]);
}

await main(import.meta, scenario);

#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Takes the network from a thousand Socket.IO clients: how they come back, what was kept for them, and whether the dead are found. */
import { openNetwork } from "../lib/clients/network.ts";
import { openReturning } from "../lib/clients/returning.ts";
import { judgeGrowth, judgeLongest, judgeWaits, judgeWaves } from "../lib/scenario/backoff-text.ts";
import { awaitGone, connection } from "../lib/scenario/churn.ts";
import { clientOptions, headersOf } from "../lib/scenario/client-options.ts";
import { BASELINE_MS } from "../lib/scenario/crowd-baseline.ts";
import { awaitDeath, judgeFoundByClients, judgeFoundByServer } from "../lib/scenario/dead-clients.ts";
import { hubOptions, hubWords, refusePlanting } from "../lib/scenario/hub-options.ts";
import { judgeLeftOver, seeOff } from "../lib/scenario/left-over.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, none, unknown } from "../lib/scenario/measure.ts";
import { count, duration, share } from "../lib/scenario/number-options.ts";
import { awaitMail, judgeMail, openMail } from "../lib/scenario/offline-mail.ts";
import { optional, type Values } from "../lib/scenario/option.ts";
import { goThroughOutage, WAVE_OF_DELAY } from "../lib/scenario/outage.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { meetSocketIo, refuseOtherThanSocketIo } from "../lib/scenario/socket-io-baseline.ts";
import { describeTally } from "../lib/scenario/tally-text.ts";
import { BEHAVIOURS, FAULTS } from "../targets/hub/faults.ts";

/** Of each user's events so many times as many are sent as can be kept, the first time; the second time less than can be. */
const OVERFLOW = 1.5;
const SECOND_SHARE = 0.2;
/** Where clients and server find each other dead: after a ping's interval and its timeout; and ws waits for an answer to its close. */
const LIBRARY_DEAD_MS = 25_000 + 20_000 + 30_000 + 5000;
/** At the hub a close is waited for so long; and a while. */
const HUB_MORE_MS = 1000 + 1000;
const MISSED_BEATS = 2;
const SETTLE_MS = 2000;

const options = {
  clients: count({ default: "1000", smoke: "100", min: "30", help: "that lose the network, and come back" }),
  reconnectionDelay: duration({
    default: "1s",
    smoke: "300ms",
    min: "10ms",
    help: "before their first try; doubled before each further one",
  }),
  reconnectionDelayMax: duration({
    default: "5s",
    smoke: "1200ms",
    min: "10ms",
    help: "before any try, at the most",
  }),
  randomizationFactor: share({
    default: "50%",
    max: "100%",
    help: "of the delay: how much more or less it may be",
  }),
  tries: count({ default: "5", smoke: "3", min: "2", help: "of each client, while the network is out" }),
  maxWave: share({ default: "50%", help: "of all clients, that may come within a fifth of the delay" }),
  users: count({ default: "20", min: "1", help: "of them, for whom events come while they are away" }),
  offline: count({ default: "50", min: "2", max: "10000", help: "events that are kept for each" }),
  every: duration({ default: "2s", smoke: "500ms", min: "100ms", help: "how often the hub pings" }),
  deadWithin: optional(
    duration({
      default: "80s",
      min: "100ms",
      help: "in which a dead connection has to be found, on either side",
    }),
    "what the hub's pings make of it; 80 s at a server of yours, as Socket.IO and ws have it",
  ),
  leaveWithin: duration({ default: "5s", help: "how long clients may still be counted after they went" }),
  timeout: duration({ default: "10s", min: "100ms", help: "to connect" }),
  ...clientOptions,
  ...hubOptions("socketio-reconnect", { faults: FAULTS, behaviours: BEHAVIOURS }),
};

export const scenario = defineScenario({
  summary:
    "Take the network from a thousand Socket.IO clients: they come back as configured, and find what was kept for them.",
  group: "sockets",
  options,
  target: {
    role: "loaded",
    headers: headersOf,
    hub: ({ clients, users, offline, every, ...planted }) => [
      ...["--cap", String(2 * clients), "--managers", String(Math.max(200, users))],
      ...["--offline", String(offline), "--offline-ttl-ms", "3600000"],
      ...["--heartbeat-ms", String(Math.round(every)), "--missed-beats", String(MISSED_BEATS)],
      ...hubWords(planted),
    ],
  },
  contradictions: (values, _host, _given, target) => [
    ...refusePlanting(values, target),
    ...refuseOtherThanSocketIo(target),
    ...(values.users <= values.clients
      ? []
      : [`Cannot have ${values.users} --users among ${values.clients} --clients: expected as many at most`]),
  ],
  plan: (values, _host, target) => ({
    durationMs:
      2 * BASELINE_MS + triesMs(values, values.tries) + triesMs(values, 1) + deadMs(values, target === null),
    steps: [
      `let ${values.clients} clients connect through a network that goes out until each has tried ${values.tries} times to come back`,
      `publish events for ${values.users} of them meanwhile, more than are kept; the same again, fewer`,
      "let the network fall silent",
    ],
    // each is here three times: the client's, and both of the network
    peak: { descriptors: 3 * values.clients + 50, processes: 2 },
  }),

  async run(context) {
    const { options, target, phase, signal, seed } = context;
    const headers = headersOf(options);
    const { url } = connection({ target, headers });
    const { timeout: timeoutMs, leaveWithin } = options;
    const socketsBefore = await meetSocketIo(context, { url, headers, timeoutMs });
    const names = Array.from({ length: target.isHub ? options.users : 0 }, (_, index) => `user-${index + 1}`);
    const mail = openMail({ url: `${url.replace(/^ws/, "http")}events`, headers }, names, options.offline);
    const network = await openNetwork(url, {}, seed);
    const backoff = backoffOf(options);
    const connect = () =>
      openReturning({
        ...{ url, headers, timeoutMs, backoff, through: network, signal },
        ...{ clients: options.clients, users: names, receive: "events", onEvent: mail.take },
      });
    const clients = await phase("warm-up", { label: "connect", lastsMs: BASELINE_MS }, connect);
    try {
      const goThrough = (label: string, tries: number, events: number) => {
        const sendMail = async () => {
          if (names.length === 0 || signal.aborted) return;
          await awaitGone({ target, socketsBefore: null, settleMs: leaveWithin, signal });
          await mail.send(events);
        };
        const settings = { clients, network, backoff, tries, timeoutMs, meanwhile: sendMail, signal };
        return phase("load", { label, lastsMs: triesMs(options, tries) }, () => goThroughOutage(settings));
      };
      const first = await goThrough("outage", options.tries, Math.ceil(OVERFLOW * options.offline));
      await awaitMail(mail, SETTLE_MS, signal);
      const second = await goThrough("outage again", 1, Math.ceil(SECOND_SHARE * options.offline));
      await awaitMail(mail, SETTLE_MS, signal);
      const dead = { clients, network, target, socketsBefore, signal };
      const withinMs = deadMs(options, target.isHub);
      const death = await phase("load", { label: "silent", lastsMs: withinMs }, () =>
        awaitDeath(dead, withinMs),
      );
      const leaving = { socketsBefore, settleMs: leaveWithin, leave: async () => clients.close() };
      const left = await seeOff(context, leaving);
      const { opened, failed } = clients;
      return { opened, failed, first, second, mail: mail.tell(), death, ...left };
    } finally {
      clients.close();
      await network.close();
    }
  },

  invariants: {
    applied: {
      "all {clients} clients were let in": ({ evidence: { opened, failed }, options }) =>
        atLeast(opened, options.clients, "count", [describeTally(failed) ?? "nobody was refused"]),
      "all of them lost the network, and tried {tries} times to come back": ({ evidence, options }) => {
        const { first, opened } = evidence;
        const few = first.lost < opened ? 0 : first.waits.length;
        return atLeast(few, options.tries, "count", [`${first.lost} of ${opened} lost it`]);
      },
    },
    held: {
      "each waits as long as delay, doubling and jitter say": ({ evidence: { first }, options }) =>
        judgeWaits(first, backoffOf(options)),
      "the waits grow on average as they have to": ({ evidence: { first }, options }) =>
        judgeGrowth(first, backoffOf(options)),
      "no wait is longer than {reconnectionDelayMax}": ({ evidence: { first }, options }) =>
        judgeLongest(first, options.reconnectionDelayMax),
      "after a success they begin anew": ({ evidence: { second }, options }) =>
        judgeWaits({ ...second, waits: second.waits.slice(0, 1) }, backoffOf(options)),
      "they do not come in the same instant: at most {maxWave} of them": ({ evidence: { first }, options }) =>
        judgeWaves(first, options.maxWave, WAVE_OF_DELAY * options.reconnectionDelay),
      "all come back": ({ evidence: { first, second } }) => {
        if (first.cutShort || second.cutShort) return unknown("the run was ended early");
        const gone = first.lost - first.returned + second.lost - second.returned;
        return none(gone === 0 ? [] : [`${gone} did not`], first.lost + second.lost, "returns");
      },
      "the newest of what came for a user who was away is kept: {offline}": ({ evidence }) =>
        judgeMail(evidence, "incomplete"),
      "it comes in the order in which it was sent": ({ evidence }) => judgeMail(evidence, "disordered"),
      "none of it comes twice": ({ evidence }) => judgeMail(evidence, "repeated"),
      "a dead client is found and removed in time": ({ evidence: { death } }) => judgeFoundByServer(death),
      "a client finds a dead server in time": ({ evidence: { death } }) => judgeFoundByClients(death),
    },
    recovered: {
      "nobody is left afterwards": ({ evidence }) => judgeLeftOver([evidence]),
    },
  },
});

function backoffOf(values: Values<typeof options>) {
  const { reconnectionDelay: delayMs, reconnectionDelayMax: maxMs, randomizationFactor: jitter } = values;
  return { delayMs, maxMs, jitter };
}

/** About so long do so many tries take, and the last wait. */
function triesMs(values: Values<typeof options>, tries: number): number {
  const { delayMs, maxMs } = backoffOf(values);
  const waits = Array.from({ length: tries + 1 }, (_, number) => Math.min(maxMs, delayMs * 2 ** number));
  return waits.reduce((sum, wait) => sum + wait, 0);
}

function deadMs({ deadWithin, every }: Values<typeof options>, isHub: boolean): number {
  return deadWithin ?? (isHub ? (1 + MISSED_BEATS) * every + HUB_MORE_MS : LIBRARY_DEAD_MS);
}

await main(import.meta, scenario);

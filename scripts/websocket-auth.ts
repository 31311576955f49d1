#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Tries a server's door with no token, a wrong, an expired, an oversized and a misplaced one: refused, told nothing, at no lasting cost. */
import { randomBytes } from "node:crypto";
import { connectMany } from "../lib/clients/websocket.ts";
import { connection } from "../lib/scenario/churn.ts";
import { clientOptions, headersOf, secretToken } from "../lib/scenario/client-options.ts";
import {
  type Credential,
  type Introduction,
  introduce,
  listWays,
  replaceToken,
} from "../lib/scenario/credentials.ts";
import { BASELINE_MS, meetServer } from "../lib/scenario/crowd-baseline.ts";
import { hubOptions, hubWords, refuseOtherProtocols, refusePlanting } from "../lib/scenario/hub-options.ts";
import { awaitTokenEnd, PLANNED_REFUSAL_MS, tryDoor } from "../lib/scenario/intruders.ts";
import { judgeLeftOver, seeOff } from "../lib/scenario/left-over.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, none, skipped, unknown } from "../lib/scenario/measure.ts";
import { bytes, count, duration } from "../lib/scenario/number-options.ts";
import { optional, type Values } from "../lib/scenario/option.ts";
import {
  countAsked,
  describeIntrusion,
  describeRude,
  judgeEnds,
  judgeWays,
} from "../lib/scenario/refusals.ts";
import { type Context, defineScenario } from "../lib/scenario/scenario.ts";
import { describeTally } from "../lib/scenario/tally-text.ts";
import { choice } from "../lib/scenario/text-options.ts";
import { visitMeanwhile } from "../lib/scenario/visits.ts";
import { formatAmount } from "../lib/units.ts";
import { BEHAVIOURS, FAULTS } from "../targets/hub/faults.ts";
import { mintToken } from "../targets/hub/token.ts";

/** Of this run's hub. */
const HUB_KEY = randomBytes(24).toString("hex");
const ENDING_CLIENTS = 5;
const VISIT_EVERY_MS = 20;
const ASK_WITHIN_MS = 10_000;
const HOUR_MS = 3_600_000;

const options = {
  refusals: count({
    default: "1000",
    min: "100",
    help: "clients that are to be refused, in all ways together",
  }),
  good: count({ default: "3", min: "1", help: "clients with a good token that are there meanwhile" }),
  expiry: duration({
    default: "3s",
    smoke: "1s",
    help: "how long a token is good that ends while its client is connected",
  }),
  closeWithin: duration({ default: "1s", help: "how soon a client has to be closed whose token has ended" }),
  leaveWithin: duration({
    default: "5s",
    smoke: "2s",
    help: "how long those who were refused may still be counted",
  }),
  timeout: duration({ default: "10s", smoke: "2s", min: "100ms", help: "for a refusal: later is no answer" }),
  maxEach: bytes({ default: "1KiB", help: "what a refusal may cost the target's memory for good" }),
  tokenIn: choice(["header", "query"], {
    default: "header",
    help: "where --token goes: Authorization: Bearer, or ?token=",
  }),
  expiredToken: optional(
    secretToken("one that has ended; in the environment nobody else can read it"),
    "minted for the hub, else not tried",
  ),
  endingToken: optional(
    secretToken("one that ends within --expiry; best in the environment, too"),
    "minted for the hub, else not tried",
  ),
  ...clientOptions,
  ...hubOptions("websocket-auth", { faults: FAULTS, behaviours: BEHAVIOURS }),
};

export const scenario = defineScenario({
  summary:
    "Try a server's door in every wrong way: refused as it should be, told nothing, and at no lasting cost.",
  group: "sockets",
  options,
  target: {
    role: "loaded",
    headers: headersOf,
    hub: hubWords,
    hubEnvironment: { HUB_TOKEN: HUB_KEY },
  },
  contradictions: (values, _host, _given, target) => [
    ...refusePlanting(values, target),
    ...refuseOtherProtocols(target),
    ...(target === null || credentialOf(values, false) !== null
      ? []
      : ["Cannot try a door without its key: expected --token TOKEN or --header 'Authorization: …'"]),
  ],
  plan: ({ refusals, good, expiry, closeWithin }) => ({
    durationMs: BASELINE_MS + refusals * PLANNED_REFUSAL_MS + expiry + closeWithin,
    steps: [
      `let ${refusals} clients come without a good token, while ${good} with one are there`,
      `let ${ENDING_CLIENTS} be there whose token ends`,
    ],
    peak: { descriptors: good + 100, processes: 2 },
  }),

  async run(context) {
    const { options, target, phase, signal } = context;
    const credential = credentialOf(options, target.isHub);
    if (!credential) throw new Error("Cannot try a door: expected a credential");
    const outside = connection({ target, headers: withoutCredential(options) });
    const inside = introduce(outside, credential);
    const socketsBefore = await meetServer({ target, phase, signal }, inside.headers, inside.url);
    const good = await connectMany({ ...inside, count: options.good, confirm: true, signal });
    const visiting = { ...inside, publishes: target.isHub, everyMs: VISIT_EVERY_MS };
    const expired = target.isHub ? mintToken(HUB_KEY, Date.now() - HOUR_MS) : options.expiredToken;
    const { refusals: count, timeout: timeoutMs, closeWithin: closeWithinMs } = options;
    const ways = listWays(outside, credential, expired);
    const tried = await visitMeanwhile(visiting, () =>
      tryDoor(context, ways, { count, timeoutMs, closeWithinMs }),
    );
    const answers = await good.ask(ASK_WITHIN_MS);
    const { opened, messages } = good;
    const kept = { opened, messages, answered: answers.answered, closed: { ...good.closed } };
    const ended = await letTokensEnd(context, outside, credential);
    const leaving = { socketsBefore, settleMs: options.leaveWithin, leave: () => good.end("polite") };
    const left = await seeOff(context, leaving);
    return { ...tried.result, visits: tried.visits, good: kept, ended, hearsEvents: target.isHub, ...left };
  },

  invariants: {
    applied: {
      "{refusals} clients came without a good token": ({ evidence: { intrusions }, options }) => {
        const short = intrusions.find(({ refusedBy }) => refusedBy !== null);
        if (short) return unknown(`we ran out ourselves: ${short.refusedBy}`);
        const came = countAsked(intrusions);
        return atLeast(came, options.refusals, "count", intrusions.map(describeIntrusion));
      },
      "events were sent meanwhile to who may hear them": ({ evidence: { good, hearsEvents } }) =>
        hearsEvents
          ? atLeast(good.messages, good.opened, "count")
          : skipped("nobody can publish to a server of yours"),
    },
    held: {
      "whoever shows no good token is refused": ({ evidence: { intrusions } }) =>
        judgeWays(intrusions, ({ admitted }) => (admitted > 0 ? `${admitted} let in` : null)),
      "whoever is refused is told so: HTTP 401 or 403, or a close code that says it": ({ evidence }) =>
        judgeWays(evidence.intrusions, describeRude),
      "none of them ever receives a message": ({ evidence: { intrusions } }) =>
        judgeWays(intrusions, ({ messages }) => (messages > 0 ? `${messages} messages` : null)),
      "a good token works all the while": ({ evidence: { visits, good } }) => {
        if (good.opened === 0) return unknown("nobody was let in with it");
        const wrong = [
          describeTally(visits.failed),
          describeTally(good.closed, (kind) => `closed with ${kind}`),
          good.answered < good.opened ? `${good.answered} of ${good.opened} answered` : null,
        ].filter((one) => one !== null);
        return none(wrong, visits.made, "visits");
      },
      "who is connected when the token ends is closed within {closeWithin}": ({ evidence, options }) =>
        evidence.ended === null
          ? skipped("no such token is known: --ending-token")
          : judgeEnds(evidence.ended, options.closeWithin),
    },
    recovered: {
      "a refusal costs for good at most {maxEach} of the target's memory": ({ evidence, options }) => {
        const { growth, intrusions } = evidence;
        if (growth === null) return skipped("its memory cannot be read here");
        const came = countAsked(intrusions);
        if (came === 0) return unknown("nobody was refused");
        const { bytes, noiseBytes } = growth;
        const evidenceLine = `${formatAmount(bytes, "bytes")} more after ${came} refusals`;
        return atMost(Math.max(0, bytes - noiseBytes) / came, options.maxEach, "bytes", [evidenceLine]);
      },
      "no connection of who was refused stays": ({ evidence }) => judgeLeftOver([evidence]),
    },
  },
});

type Run = Context<typeof options>;

/** Null where there is no such token. */
async function letTokensEnd(
  { options, target, phase, signal }: Run,
  outside: Introduction,
  good: Credential,
) {
  const { expiry: endsInMs, closeWithin: closeWithinMs } = options;
  const token = target.isHub ? mintToken(HUB_KEY, Date.now() + endsInMs) : options.endingToken;
  if (token === null) return null;
  const settings = { count: ENDING_CLIENTS, endsInMs, closeWithinMs, signal };
  const introduction = introduce(outside, replaceToken(good, token));
  return phase("load", { label: "token ends", lastsMs: endsInMs + closeWithinMs }, () =>
    awaitTokenEnd(introduction, settings),
  );
}

/** What opens the door; null where nobody said. */
function credentialOf(values: Values<typeof options>, isHub: boolean): Credential | null {
  const token = isHub ? HUB_KEY : values.token;
  if (token !== null && values.tokenIn === "query") return { place: "query", name: "token", value: token };
  const header = isHub ? `Bearer ${HUB_KEY}` : headersOf(values).Authorization;
  return header === undefined ? null : { place: "header", name: "Authorization", value: header };
}

function withoutCredential(values: Values<typeof options>): Readonly<Record<string, string>> {
  const { Authorization: _, ...others } = headersOf(values);
  return others;
}

await main(import.meta, scenario);

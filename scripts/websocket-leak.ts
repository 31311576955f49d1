#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Lets users come and go over a bad network, each with a manager of its own at the server: one for each, cleaned up in time, and nothing stays. */
import { openNetwork } from "../lib/clients/network.ts";
import { addUp } from "../lib/clients/tally.ts";
import { connection } from "../lib/scenario/churn.ts";
import { judgeCleanups } from "../lib/scenario/cleanup.ts";
import { clientOptions, headersOf } from "../lib/scenario/client-options.ts";
import { BASELINE_MS, meetServer } from "../lib/scenario/crowd-baseline.ts";
import { cameBack } from "../lib/scenario/gauge-limit.ts";
import { hubOptions, hubWords, refuseOtherProtocols, refusePlanting } from "../lib/scenario/hub-options.ts";
import { judgeLeftOver, seeOff } from "../lib/scenario/left-over.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, drawnOn, none, skipped, unknown } from "../lib/scenario/measure.ts";
import { bytes, count, duration, share } from "../lib/scenario/number-options.ts";
import { optional } from "../lib/scenario/option.ts";
import { fillPort, ownUrl, refuseOwnUrls } from "../lib/scenario/own-url.ts";
import { judgeRecentGrowth } from "../lib/scenario/recent-growth.ts";
import { type Context, defineScenario } from "../lib/scenario/scenario.ts";
import { describeTally } from "../lib/scenario/tally-text.ts";
import type { Checkpoint } from "../lib/scenario/target-watch.ts";
import { text } from "../lib/scenario/text-options.ts";
import { judgeManagers, openRounds, type RoundRecord } from "../lib/scenario/user-round.ts";
import { judgeWeather, readWeather, weatherOptions } from "../lib/scenario/weather-options.ts";
import { readings } from "../lib/scenario/windows.ts";
import { maximum, minimum } from "../lib/stats/summary.ts";
import { BEHAVIOURS, FAULTS } from "../targets/hub/faults.ts";

/** What the hub answers. */
const HUB_MESSAGE = '{"type":"ping"}';
/** Who fell silent is found after two of those; long enough for who only answers late on a busy box. */
const HUB_HEARTBEAT_MS = "250";
/** Longer than a run: only a clean-up forgets. */
const HUB_OFFLINE_TTL_MS = "3600000";
const MEASUREMENTS = 10;
const ROUND_MS = 450;
/** Looked at for so much longer than it may take: who is late shall be told from who never does it. */
const LOOK_ON_MS = 700;

const options = {
  rounds: count({
    default: "75",
    smoke: "12",
    min: String(MEASUREMENTS),
    profile: "stressCycles",
    help: "in which all users come and go; the ways to go take turns",
  }),
  users: count({ default: "30", min: "2", help: "that come, each under a name of its own" }),
  devices: count({ default: "3", min: "2", help: "connections of each user, at once and in turn" }),
  perUser: count({ default: "1", min: "1", help: "managers that a user may have at the server" }),
  cleanup: duration({
    default: "300ms",
    min: "1ms",
    profile: "cleanupTimeout",
    help: "in which users who are away have to be forgotten, once that is asked for",
  }),
  emergency: duration({
    default: "3s",
    min: "1ms",
    profile: "emergencyCleanupTimeout",
    help: "in which everybody has to be, in an emergency",
  }),
  maxRecent: bytes({
    default: "1MiB",
    help: "by which the target's memory may grow over the last 10 measurements",
  }),
  maxPeak: bytes({
    default: "150MiB",
    profile: "memoryGrowthLimit",
    help: "of memory that the target may take meanwhile",
  }),
  minOpened: share({ default: "80%", help: "of all connections, that have to come through the network" }),
  leaveWithin: duration({ default: "5s", help: "how long users may still be counted after they went" }),
  timeout: duration({ default: "1s", min: "100ms", help: "for a handshake, and for an answer to a close" }),
  ...weatherOptions,
  message: optional(
    text({ default: "", placeholder: "TEXT", help: "what each connection sends to your server" }),
    "what the hub answers",
  ),
  userIn: text({ default: "user", placeholder: "NAME", help: "parameter of the URL that says who it is" }),
  cleanupUrl: optional(
    ownUrl("asked by POST to forget users who are away; {port} as in --target-command"),
    "of the hub, else it happens by itself",
  ),
  emergencyUrl: optional(ownUrl("asked by POST to end and forget everybody"), "of the hub, else not tried"),
  ...clientOptions,
  ...hubOptions("websocket-leak", { faults: FAULTS, behaviours: BEHAVIOURS }),
};

export const scenario = defineScenario({
  summary:
    "Let users come and go over a bad network: one manager each, cleaned up in time, and nothing of them stays.",
  group: "sockets",
  options,
  target: {
    role: "loaded",
    headers: headersOf,
    hub: ({ users, devices, ...planted }) => [
      ...["--cap", String(Math.max(100, users * devices)), "--managers", String(Math.max(1000, users))],
      ...["--heartbeat-ms", HUB_HEARTBEAT_MS, "--missed-beats", "1", "--offline-ttl-ms", HUB_OFFLINE_TTL_MS],
      ...hubWords(planted),
    ],
  },
  contradictions: (values, _host, _given, target) => [
    ...refusePlanting(values, target),
    ...refuseOtherProtocols(target),
    ...refuseOwnUrls(target, { "cleanup-url": values.cleanupUrl, "emergency-url": values.emergencyUrl }),
  ],
  plan: ({ rounds, users, devices }) => ({
    durationMs: BASELINE_MS + (rounds + 1) * ROUND_MS,
    steps: [
      `let ${users} users come with ${devices} connections each, and go, ${rounds} times, over a bad network`,
      "have them forgotten each time, and once in an emergency, while they are there",
    ],
    // those through the network are here three times: the client's, and both of the network
    peak: { descriptors: 3 * users * devices + 100, processes: 2 },
  }),

  async run(context) {
    const { options, target, phase, signal, seed } = context;
    const headers = headersOf(options);
    const socketsBefore = await meetServer(context, headers);
    const before = await target.readNamed();
    const introduction = connection({ target, headers });
    const weather = readWeather(options, target.isHub);
    const network = await openNetwork(introduction.url, weather, seed);
    const { cleanupUrl, emergencyUrl } = options;
    const rounds = openRounds({
      ...{ target, introduction, network, signal, socketsBefore, before },
      ...{ users: options.users, devices: options.devices, userIn: options.userIn },
      message: options.message ?? HUB_MESSAGE,
      cleanupUrl: hubPath(target, "cleanup") ?? fillPort(cleanupUrl, target.running.port),
      emergencyUrl: hubPath(target, "cleanup?emergency") ?? fillPort(emergencyUrl, target.running.port),
      eventsUrl: hubPath(target, "events"),
      cleanupWatchMs: options.cleanup + LOOK_ON_MS,
      emergencyWatchMs: options.emergency + LOOK_ON_MS,
      timeoutMs: options.timeout,
      leaveWithinMs: options.leaveWithin,
    });
    try {
      const came = await repeat(context, rounds.round);
      const emergency = await phase("load", { label: "emergency", lastsMs: ROUND_MS }, rounds.emergency);
      const leaving = { socketsBefore, settleMs: options.leaveWithin, leave: network.close };
      const left = await seeOff(context, leaving);
      return {
        ...came,
        emergency,
        weather,
        network: { ...network.counts },
        before,
        after: await target.readNamed(),
        ...left,
      };
    } finally {
      await network.close();
    }
  },

  invariants: {
    applied: {
      "all users came in {rounds} rounds": ({ evidence: { rounds }, options }) =>
        atLeast(rounds.length, options.rounds, "count"),
      "at least {minOpened} of their connections came through": ({ evidence: { rounds }, options }) => {
        const [opened, asked] = [sum(rounds, "opened"), sum(rounds, "asked")];
        const why = describeTally(rounds.map(({ notOpened }) => notOpened).reduce(addUp, {}));
        return atLeast(
          asked === 0 ? null : opened / asked,
          options.minOpened,
          "share",
          why === null ? [] : [why],
        );
      },
      "the network was as bad as it had to be": ({ evidence: { network, weather } }) =>
        judgeWeather(network, weather),
    },
    held: {
      "a user has never more than {perUser} managers": ({ evidence: { rounds }, options }) =>
        judgeManagers(
          rounds.filter(({ arrival }) => arrival === "in turn"),
          options.perUser,
        ),
      "nor when all connections of a user are looked up at once": ({ evidence: { rounds }, options }) =>
        judgeManagers(
          rounds.filter(({ arrival }) => arrival === "at once"),
          options.perUser,
        ),
      "nobody gets what is for another user": ({ evidence: { rounds } }) => {
        const strays = rounds.flatMap(({ strays }) => strays.first);
        const heard = sum(rounds, "heard") + strays.length;
        const error = rounds.find(({ publishError }) => publishError !== null)?.publishError;
        if (error && strays.length === 0) return unknown(`events could not be published: ${error}`);
        return heard === 0 ? skipped("no events for single users were seen") : none(strays, heard, "events");
      },
      "who is away is cleaned up within {cleanup}": ({ evidence: { rounds }, options }) =>
        judgeCleanups(
          rounds.map(({ cleanup }) => cleanup),
          options.cleanup,
        ),
      "in an emergency everybody is, within {emergency}": ({ evidence: { emergency }, options }) => {
        if (emergency === null) return skipped("nobody can ask for it: --emergency-url");
        return emergency.opened === 0
          ? unknown("nobody was there")
          : judgeCleanups([emergency.cleanup], options.emergency);
      },
      "over the last 10 measurements memory grows by at most {maxRecent}": ({
        evidence: { checkpoints },
        options,
      }) => judgeRecentGrowth(checkpoints.slice(-MEASUREMENTS), MEASUREMENTS, options.maxRecent),
      "at its peak the target's memory is at most {maxPeak} above what it was": ({ windows, options }) => {
        const start = minimum(readings(windows.of("baseline"), "targetAnonymousBytes"));
        const peak = maximum(readings(windows.of("load"), "targetAnonymousBytes"));
        if (start === null || peak === null) return skipped("its memory cannot be read here");
        const measure = atMost(Math.max(0, peak - start), options.maxPeak, "bytes");
        return drawnOn("targetAnonymousBytes", measure, start + options.maxPeak);
      },
    },
    recovered: {
      "no manager is left": ({ evidence }) => cameBack("managers", evidence),
      "no message is kept for anybody": ({ evidence }) => cameBack("offline", evidence),
      "no timer is left": ({ evidence }) => cameBack("timers", evidence),
      "no connection is left": ({ evidence }) => judgeLeftOver([...evidence.rounds, evidence]),
    },
  },
});

type Run = Context<typeof options>;

/** With a measurement of the target's memory after each. */
async function repeat(
  { options, target, phase, signal }: Run,
  round: (index: number) => Promise<RoundRecord>,
) {
  const rounds: RoundRecord[] = [];
  const checkpoints: Checkpoint[] = [];
  await phase("load", { lastsMs: options.rounds * ROUND_MS }, async () => {
    for (let index = 0; index < options.rounds && !signal.aborted; index++) {
      const record = await round(index);
      // of one that was cut short nobody knows what would have become
      if (signal.aborted) break;
      rounds.push(record);
      checkpoints.push(await target.checkpoint((index + 1) * options.users * options.devices));
    }
  });
  return { rounds, checkpoints };
}

/** Null for a server of yours. */
function hubPath({ isHub, running }: Run["target"], path: string): string | null {
  return isHub ? `${running.url?.replace(/^ws/, "http")}${path}` : null;
}

function sum(rounds: readonly RoundRecord[], key: "opened" | "asked" | "heard"): number {
  return rounds.reduce((total, round) => total + round[key], 0);
}

await main(import.meta, scenario);

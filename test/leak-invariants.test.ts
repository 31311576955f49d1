/** Every invariant of websocket-leak on made-up evidence, and a server in another language that passes over a bad network. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CleanupRecord } from "../lib/scenario/cleanup.ts";
import { makeCheckpoints } from "../lib/scenario/fixtures/made-up.ts";
import type { RoundRecord } from "../lib/scenario/user-round.ts";
import { MIB } from "../lib/units.ts";
import { scenario } from "../scripts/websocket-leak.ts";
import { explain, PATIENT, parseReport, run, skipReason, temporaryFolder } from "./command.ts";
import { lookForModule } from "./installed.ts";
import { judgeEach } from "./judge-each.ts";

const clean: CleanupRecord = { cleanAfterMs: 5, dirtyAtMs: 0, cutShort: false, refusal: null };
const never: CleanupRecord = { ...clean, cleanAfterMs: null, dirtyAtMs: 1020 };
const refused: CleanupRecord = { ...clean, cleanAfterMs: null, refusal: "HTTP 404" };
const interrupted: CleanupRecord = { ...never, cutShort: true };
/** Seen to be clean after its time, and never seen not to be. */
const seldomSeen: CleanupRecord = { ...clean, cleanAfterMs: 5000 };
const round: RoundRecord = {
  ...{
    arrival: "at once",
    asked: 90,
    opened: 83,
    notOpened: { ECONNRESET: 7 },
    managers: 30,
    managersPerUser: 1,
  },
  ...{ heard: 83, strays: { count: 0, first: [] }, publishError: null, cleanup: clean },
  ...{ leftSubscribers: 0, leftSockets: 0, cutShort: false },
};
const rounds = Array.from(
  { length: 75 },
  (_, index): RoundRecord => ({
    ...round,
    arrival: index % 2 === 0 ? "at once" : "in turn",
  }),
);
/** One of them was otherwise: the so-many-th. */
const one = (index: number, change: Partial<RoundRecord>) => ({
  evidence: {
    rounds: rounds.with(index, { ...round, arrival: rounds[index]?.arrival ?? "at once", ...change }),
  },
});
const all = (change: Partial<RoundRecord>) => ({
  evidence: { rounds: rounds.map((each) => ({ ...each, ...change })) },
});
const none = { evidence: { rounds: [] } };
const weather = { delayMs: 1, cutEvery: 50, silentShare: 0.01, bytesPerSecond: null };
const network = { links: 7000, messages: 55_000, delayed: 54_000, cut: 1100, silenced: 60, refused: 0 };
const gauges = { managers: 0, offline: 0, timers: 2, subscribers: 0 };
const grown = (bytesEach: number) =>
  makeCheckpoints(75, (index) => ({ liveBytes: 10 * MIB + index * bytesEach }));
const left = (name: keyof typeof gauges) => ({
  broken: [{ evidence: { after: { ...gauges, [name]: gauges[name] + 1 } } }],
  skipped: [{ evidence: { before: {} } }],
  unknown: [{ evidence: { cutShort: true } }, { evidence: { after: { ...gauges, [name]: null } } }],
});
const memory = (...mib: readonly number[]) => ({
  samples: mib.map((value, index) => ({
    phase: index === 0 ? "baseline" : "load",
    gauges: { targetAnonymousBytes: value * MIB },
  })),
});

judgeEach(
  scenario,
  {
    ...{ named: [], stayed: [], ...memory(40, 80, 50) },
    evidence: {
      ...{ rounds, checkpoints: grown(0), emergency: { opened: 83, cleanup: clean }, weather, network },
      ...{ before: gauges, after: gauges, leftSubscribers: 0, leftSockets: 0, cutShort: false },
    },
  },
  {
    "all users came in {rounds} rounds": { broken: [{ evidence: { rounds: rounds.slice(1) } }] },
    "at least {minOpened} of their connections came through": {
      broken: [all({ opened: 70 })],
      unknown: [none],
    },
    "the network was as bad as it had to be": {
      broken: [
        { evidence: { network: { ...network, delayed: 0 } } },
        { evidence: { network: { ...network, cut: 0 } } },
        { evidence: { network: { ...network, silenced: 0 } } },
      ],
      held: [{ evidence: { network: { ...network, links: 90, silenced: 0 } } }],
    },
    "a user has never more than {perUser} managers": {
      broken: [one(1, { managersPerUser: 2 })],
      held: [one(0, { managersPerUser: 2 })],
      skipped: [all({ managersPerUser: null })],
      unknown: [none],
    },
    "nor when all connections of a user are looked up at once": {
      broken: [one(0, { managersPerUser: 2 })],
      held: [one(1, { managersPerUser: 2 })],
      skipped: [all({ managersPerUser: null })],
      unknown: [none],
    },
    "nobody gets what is for another user": {
      broken: [one(3, { strays: { count: 1, first: ["user-1 got an event for user-2"] } })],
      skipped: [all({ heard: 0 })],
      unknown: [one(3, { publishError: "HTTP 503" })],
    },
    "who is away is cleaned up within {cleanup}": {
      broken: [
        one(3, { cleanup: never }),
        one(3, { cleanup: refused }),
        one(3, { cleanup: { ...clean, cleanAfterMs: 400, dirtyAtMs: 380 } }),
      ],
      held: [one(3, { cleanup: interrupted })],
      skipped: [all({ cleanup: null })],
      unknown: [none, one(3, { cleanup: seldomSeen })],
    },
    "in an emergency everybody is, within {emergency}": {
      broken: [{ evidence: { emergency: { opened: 83, cleanup: { ...never, dirtyAtMs: 3700 } } } }],
      skipped: [{ evidence: { emergency: null } }],
      unknown: [
        { evidence: { emergency: { opened: 0, cleanup: clean } } },
        { evidence: { emergency: { opened: 83, cleanup: seldomSeen } } },
        { evidence: { emergency: { opened: 83, cleanup: interrupted } } },
      ],
    },
    "over the last 10 measurements memory grows by at most {maxRecent}": {
      broken: [{ evidence: { checkpoints: grown(MIB / 4) } }],
      held: [{ evidence: { checkpoints: grown(-MIB / 8) } }],
      unknown: [
        { evidence: { checkpoints: grown(0).slice(-9) } },
        {
          evidence: {
            checkpoints: makeCheckpoints(75, (index) => ({ liveBytes: ((index * 7) % 10) * MIB })),
          },
        },
      ],
    },
    "at its peak the target's memory is at most {maxPeak} above what it was": {
      broken: [memory(40, 220, 50)],
      skipped: [memory(), memory(40)],
    },
    "no manager is left": left("managers"),
    "no message is kept for anybody": left("offline"),
    "no timer is left": left("timers"),
    "no connection is left": {
      broken: [one(3, { leftSubscribers: 1 }), { evidence: { leftSockets: 1 } }],
      unknown: [{ evidence: { leftSockets: 1, cutShort: true } }],
    },
  },
);

test("a server of python3-websockets, over a network that delays and cuts: pass", {
  skip: skipReason(lookForModule("websockets")),
}, async (t) => {
  const words = [
    "--smoke",
    "--json",
    "--out",
    temporaryFolder(t),
    "--target",
    "targets/python-websockets.json",
  ];
  const report = parseReport(await run("scripts/websocket-leak.ts", words, undefined, PATIENT));
  assert.equal(report.verdict.kind, "pass", explain(report));
});

/** Every invariant of websocket-heartbeat on made-up evidence, and a server in another language that really pings. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Drops } from "../lib/scenario/audience.ts";
import type { BeatsHeard, HeardBeats } from "../lib/scenario/beats.ts";
import { scenario } from "../scripts/websocket-heartbeat.ts";
import { explain, PATIENT, parseReport, run, skipReason, temporaryFolder } from "./command.ts";
import { lookForModule } from "./installed.ts";
import { judgeEach } from "./judge-each.ts";

const steady: HeardBeats = { beats: 4, shortestMs: 29_990, longestMs: 30_020 };
const beats: BeatsHeard = {
  ...{ heard: Array.from({ length: 50 }, () => steady), listenedMs: 132_000, ownLateMs: 2 },
};
const drops: Drops = {
  ...{
    muted: 10,
    droppedAfterMs: Array.from({ length: 10 }, () => 45_000),
    droppedBy: { 1006: 10 },
    watchedMs: 93_000,
    ownLateMs: 2,
  },
};
/** One client heard it otherwise; `ownLateMs` of that may be ours. */
const one = (change: Partial<HeardBeats>, ownLateMs = 2) => ({
  evidence: { beats: { ...beats, ownLateMs, heard: [...beats.heard.slice(1), { ...steady, ...change }] } },
});
const dropped = (change: Partial<Drops>) => ({ evidence: { drops: { ...drops, ...change } } });
/** It ended before its time. */
const short = { evidence: { beats: { ...beats, listenedMs: 50_000, heard: [] } } };
const nobody = { evidence: { opened: 0, beats: { ...beats, heard: [] } } };
const healthy = {
  ...{
    opened: 50,
    notOpened: {},
    beats,
    drops,
    lost: {},
    leftSubscribers: 0,
    leftSockets: 0,
    cutShort: false,
  },
};

judgeEach(
  scenario,
  { evidence: healthy, named: [], stayed: [] },
  {
    "all {clients} clients were let in": { broken: [{ evidence: { opened: 49, notOpened: { 1013: 1 } } }] },
    "they listened for {beats} heartbeats": {
      broken: [{ evidence: { beats: { ...beats, listenedMs: 100_000 } } }],
    },
    "{muted} clients stopped answering": { broken: [dropped({ muted: 9 })] },
    "a heartbeat comes to every client, as often as it has to": {
      broken: [one({ beats: 0 }), one({ beats: 3 })],
      unknown: [one({ beats: 3 }, 30_000), nobody, short],
    },
    "each comes on time: every {every}, within {tolerance}": {
      broken: [one({ longestMs: 33_100 }), one({ shortestMs: 26_900 })],
      held: [one({ longestMs: 32_900, shortestMs: null })],
      unknown: [one({ longestMs: 33_100 }, 100), nobody, short],
    },
    "nobody who answers is dropped": { broken: [{ evidence: { lost: { 1006: 1 } } }], unknown: [nobody] },
    "who stops answering is dropped within two intervals": {
      broken: [
        dropped({ droppedAfterMs: drops.droppedAfterMs.slice(1) }),
        dropped({ droppedAfterMs: drops.droppedAfterMs.map(() => 64_000) }),
      ],
      unknown: [
        dropped({ muted: 0, droppedAfterMs: [] }),
        dropped({ droppedAfterMs: [], ownLateMs: 16_000 }),
      ],
    },
    "the subscription of who was dropped is freed within {leaveWithin}": {
      broken: [
        { evidence: { leftSubscribers: 10 } },
        { evidence: { leftSubscribers: null, leftSockets: 1 } },
      ],
      skipped: [{ evidence: { leftSubscribers: null, leftSockets: null } }],
    },
  },
);

/** It drops who has not answered within as long again: two intervals in all. */
const PINGS_EVERY_S = 1;

for (const [every, kind] of [
  [`${PINGS_EVERY_S}s`, "pass"],
  ["700ms", "fail"],
] as const)
  test(`a server of python3-websockets that pings every second, asked for ${every}: ${kind}`, {
    skip: skipReason(lookForModule("websockets")),
  }, async (t) => {
    const server = `/usr/bin/python3 targets/python-websockets.py {port} ${PINGS_EVERY_S}`;
    const target = ["--target-command", server, "--target-url", "ws://127.0.0.1:{port}/"];
    const own = ["--smoke", "--json", "--every", every, "--out", temporaryFolder(t)];
    const ended = await run("scripts/websocket-heartbeat.ts", [...own, ...target], undefined, PATIENT);
    const report = parseReport(ended);
    assert.equal(report.verdict.kind, kind, explain(report));
  });

/** Every invariant of socketio-broadcast on made-up evidence, and a plain Socket.IO server that nobody here made for it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { SequenceCounts } from "../lib/clients/sequence-ledger.ts";
import type { BroadcastRecord } from "../lib/scenario/broadcast.ts";
import { scenario } from "../scripts/socketio-broadcast.ts";
import { explain, PATIENT, parseReport, ROOT, run, temporaryFolder } from "./command.ts";
import { judgeEach } from "./judge-each.ts";

const counts: SequenceCounts = {
  ...{ delivered: 9500, lost: 0, outstanding: 0, duplicated: 0, reordered: 0, unasked: 0 },
};
const expected: BroadcastRecord = {
  ...{
    sent: 500,
    planned: 500,
    tookMs: 5000,
    due: 9500,
    counts,
    amiss: [],
    closed: {},
    subscribers: 48,
    newcomers: 0,
  },
  ...{ lateMs: 5, ownCpuShare: 0.3, stalledShare: 0.1, cutShort: false },
};
const overload: BroadcastRecord = { ...expected, sent: 1500, planned: 1500, newcomers: 16 };
const later = (change: Partial<BroadcastRecord>) => ({
  evidence: { parts: { expected, overload: { ...overload, ...change } } },
});
const amiss = (change: Partial<SequenceCounts>) => ({
  broken: [
    later({ counts: { ...counts, ...change } }),
    { evidence: { parts: { expected: { ...expected, counts: { ...counts, ...change } }, overload } } },
  ],
  unknown: [later({ due: 0 })],
});
const transports = { websocket: 16, polling: 16, upgrade: 16 };

judgeEach(
  scenario,
  {
    ...{ named: [], stayed: [] },
    evidence: {
      ...{ opened: 48, transports, failed: {}, leftRooms: 14, parts: { expected, overload } },
      objects: { before: 60_000, after: 61_000 },
      ...{ leftSubscribers: 0, leftSockets: 0, cutShort: false },
    },
  },
  {
    "all {consumers} consumers were let in": {
      broken: [{ evidence: { opened: 47, failed: { timeout: 1 } } }],
    },
    "over WebSocket, by polling, and upgraded from polling": {
      broken: [
        { evidence: { transports: { websocket: 16, polling: 16, "upgrade: not upgraded": 16 } } },
        { evidence: { transports: { websocket: 16, polling: 16 } } },
      ],
    },
    "events were sent as they were due": { broken: [later({ sent: 1300 })] },
    "consumers left rooms, and came anew while events were sent": {
      broken: [later({ newcomers: 0 }), { evidence: { leftRooms: 0 } }],
    },
    "none is lost": amiss({ lost: 1 }),
    "none comes twice": amiss({ duplicated: 1 }),
    "they come in the order in which a producer sent them": amiss({ reordered: 1 }),
    "nobody gets what is for another namespace or room": amiss({ unasked: 1 }),
    "no consumer is closed": {
      broken: [later({ closed: { "transport close": 1 } })],
      unknown: [later({ closed: { "ping timeout": 1 }, lateMs: 3000 })],
    },
    "at most {maxObjects} objects more live in the target": {
      broken: [{ evidence: { objects: { before: 60_000, after: 70_001 } } }],
      held: [{ evidence: { objects: { before: 60_000, after: 50_000 } } }],
      skipped: [{ evidence: { objects: { before: null, after: null } } }],
      unknown: [{ evidence: { objects: { before: 60_000, after: null } } }, later({ cutShort: true })],
    },
    "nobody is left afterwards": {
      broken: [{ evidence: { leftSubscribers: 1 } }],
      unknown: [{ evidence: { leftSockets: 1, cutShort: true } }],
    },
  },
);

const SERVER = join(ROOT, "test/fixtures/plain-socket-io.mjs");

for (const [about, words, kind] of [
  ["one that keeps its promises: pass", [], "pass"],
  ["one that forgets to leave rooms: fail", ["--keeps-rooms"], "fail"],
] as const)
  test(`a plain Socket.IO server, ${about}`, async (t) => {
    const target = ["--target-command", ["node", SERVER, "{port}", ...words].join(" ")];
    const where = [
      "--target-url",
      "ws://127.0.0.1:{port}/",
      "--send-event",
      "say",
      "--receive-event",
      "said",
    ];
    const own = ["--smoke", "--json", "--out", temporaryFolder(t)];
    const ended = await run(
      "scripts/socketio-broadcast.ts",
      [...own, ...target, ...where],
      undefined,
      PATIENT,
    );
    const report = parseReport(ended);
    assert.equal(report.verdict.kind, kind, explain(report));
    const objects = report.findings.find(({ sentence }) => sentence.includes("objects more live"));
    assert.equal(objects?.outcome, "held", "it is a Node that we start");
  });

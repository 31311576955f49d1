/** Every invariant of websocket-stream on made-up evidence, and an echo server in another language. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SequenceCounts } from "../lib/clients/sequence-ledger.ts";
import type { StreamRecord } from "../lib/scenario/stream.ts";
import type { BesideSlow } from "../lib/scenario/stream-text.ts";
import { MIB } from "../lib/units.ts";
import { scenario } from "../scripts/websocket-stream.ts";
import { explain, PATIENT, parseReport, ROOT, run, skipReason, temporaryFolder } from "./command.ts";
import { lookForModule } from "./installed.ts";
import { judgeEach } from "./judge-each.ts";

const counts: SequenceCounts = {
  delivered: 10_000,
  lost: 0,
  outstanding: 0,
  duplicated: 0,
  reordered: 0,
  unasked: 0,
};
const percentiles = { count: 10_000, p50: 2, p99: 20, p999: 30, max: 40 };
const alone: StreamRecord = {
  ...{
    sent: 2500,
    planned: 2500,
    tookMs: 5000,
    due: 10_000,
    counts,
    amiss: [],
    lateMs: 5,
    ownCpuShare: 0.3,
    stalledShare: 0.1,
    cutShort: false,
  },
  ...{ latency: { raw: percentiles, corrected: percentiles }, closed: {}, subscribers: 12 },
};
const beside: BesideSlow = { ...alone, slow: 3, growth: { bytes: 3 * MIB, noiseBytes: MIB / 4 } };
const first = (change: Partial<StreamRecord>) => ({ evidence: { alone: { ...alone, ...change } } });
const second = (change: Partial<BesideSlow>) => ({ evidence: { beside: { ...beside, ...change } } });
const amiss = (change: Partial<SequenceCounts>, more: Partial<StreamRecord> = {}) =>
  first({
    ...{ counts: { ...counts, ...change }, ...more },
    amiss: [{ receiver: 2, group: "warn", counts: { ...counts, ...change } }],
  });
const latency = (p99: number | null) => ({ raw: percentiles, corrected: { ...percentiles, p99 } });
const nothing = first({ due: 0 });
const echo = { evidence: { beside: null } };
/** So late that what went wrong may be ours. */
const late = { lateMs: 2000 };

judgeEach(
  scenario,
  {
    ...{ named: [], stayed: [] },
    evidence: {
      opened: 12,
      missing: null,
      alone,
      beside,
      leftSubscribers: 0,
      leftSockets: 0,
      cutShort: false,
    },
  },
  {
    "all {subscribers} clients were let in": { broken: [{ evidence: { opened: 11, missing: "1 × 1013" } }] },
    "messages were sent as they were due": {
      broken: [first({ sent: 2400 }), first({ sent: 0, planned: null })],
      held: [first({ sent: 1, planned: null })],
    },
    "at least {minRate} messages a second get through": {
      broken: [first({ counts: { ...counts, delivered: 100 } })],
      held: [first({ sent: 100, planned: 100 })],
      unknown: [nothing, first({ counts: { ...counts, delivered: 100 }, ...late })],
    },
    "at least {minDelivered} of all deliveries arrive": {
      broken: [first({ counts: { ...counts, delivered: 9400 } })],
      unknown: [nothing, first({ counts: { ...counts, delivered: 9400 }, sent: 2000 })],
    },
    "none is lost": {
      broken: [amiss({ lost: 1 }), amiss({ outstanding: 1 }), amiss({ lost: 1 }, late)],
      unknown: [
        nothing,
        amiss({ outstanding: 1 }, late),
        amiss({ outstanding: 1 }, { ownCpuShare: 0.97 }),
        amiss({ outstanding: 1 }, { stalledShare: 0.7 }),
        amiss({ outstanding: 1 }, { cutShort: true }),
      ],
    },
    "none comes twice": {
      broken: [amiss({ duplicated: 1 }), amiss({ duplicated: 1 }, late)],
      unknown: [nothing],
    },
    "they come in the order in which they were sent": {
      broken: [amiss({ reordered: 1 })],
      unknown: [nothing],
    },
    "nobody gets what was not asked for": { broken: [amiss({ unasked: 1 })], unknown: [nothing] },
    "99 % arrive within {maxLatency} of when they were due": {
      broken: [first({ latency: latency(1100) })],
      unknown: [first({ latency: latency(1100), lateMs: 120 }), first({ latency: latency(null) })],
    },
    "slow clients do the others no harm: nothing lost, and 99 % at most {maxSlowdown} later": {
      broken: [
        second({ counts: { ...counts, lost: 1 } }),
        second({ counts: { ...counts, outstanding: 1 } }),
        second({ latency: latency(300) }),
      ],
      held: [second({ latency: latency(260) }), second({ latency: latency(10) })],
      skipped: [echo],
      unknown: [
        second({ slow: 0 }),
        second({ latency: latency(300), lateMs: 50 }),
        second({ counts: { ...counts, outstanding: 1 }, ...late }),
        second({ latency: latency(null) }),
      ],
    },
    "what is kept for a slow client is bounded: {maxUnsent}": {
      broken: [second({ growth: { bytes: 12 * MIB, noiseBytes: MIB } })],
      skipped: [echo, second({ growth: null }), second({ sent: 100 })],
      unknown: [second({ slow: 0 })],
    },
    "no subscriber that reads is closed": {
      broken: [first({ closed: { 1006: 1 } }), second({ closed: { 1008: 1 } })],
      held: [echo],
      unknown: [first({ closed: { 1006: 1 }, ...late })],
    },
    "nobody is left afterwards": {
      broken: [{ evidence: { leftSockets: 1 } }, { evidence: { leftSubscribers: 1 } }],
      skipped: [{ evidence: { leftSubscribers: null, leftSockets: null } }],
    },
  },
);

test("an echo server of python3-websockets gives back all of it", {
  skip: skipReason(lookForModule("websockets")),
}, async (t) => {
  const target = ["--target", `${ROOT}/targets/python-websockets.json`];
  const words = [
    "--smoke",
    "--json",
    "--lasts",
    "2s",
    "--rate",
    "300",
    "--out",
    temporaryFolder(t),
    ...target,
  ];
  const report = parseReport(await run("scripts/websocket-stream.ts", words, undefined, PATIENT));
  assert.equal(report.verdict.kind, "pass", explain(report));
});

/** Every invariant of the socket family on made-up evidence: it holds on health, and breaks on what is planted for it. */
import { describe } from "node:test";
import type { ClimbRecord } from "../lib/scenario/climb.ts";
import { scenario as connectionLimit } from "../scripts/connection-limit.ts";
import { judgeEach } from "./judge-each.ts";

const latencyMs = { p50: 1, p95: 2, p99: 3, max: 4 };

describe("connection-limit", () => {
  const burst: ClimbRecord = {
    pace: "burst",
    ...{ asked: 160, held: 100, subscribers: 100, refused: { 1013: 60 }, failed: {}, refusedBy: null },
    ...{ latencyMs, inside: { asked: 100, answered: 100, latencyMs }, closed: {} },
    ...{ freed: 5, retaken: 5, retakenMs: 3, leftSubscribers: 0, leftSockets: 0, cutShort: false },
    ...{ targetBytesEach: 2048, ownBytesEach: null },
  };
  const climbs: ClimbRecord[] = [burst, { ...burst, pace: "trickle" }, burst, { ...burst, pace: "trickle" }];
  /** The last climb was otherwise. */
  const last = (change: Partial<ClimbRecord>) => ({
    evidence: { climbs: [...climbs.slice(0, 3), { ...burst, ...change }] },
  });
  const all = (change: Partial<ClimbRecord>) => climbs.map((climb) => ({ ...climb, ...change }));
  const none = { evidence: { climbs: [] } };
  const unlimited = (change: Partial<ClimbRecord>) => ({ evidence: { limit: null, climbs: all(change) } });

  judgeEach(
    connectionLimit,
    { evidence: { limit: 100, climbs }, named: [], stayed: [] },
    {
      "all {climbs} climbs were made": { broken: [none, { evidence: { climbs: climbs.slice(1) } }] },
      "more clients came than there is room for": {
        broken: [last({ asked: 100 }), unlimited({ refused: {} })],
        held: [unlimited({})],
        unknown: [none, last({ refusedBy: "EMFILE" })],
      },
      "the limit is reached, in a burst and in a trickle": {
        broken: [
          last({ held: 99 }),
          { evidence: { limit: null, climbs: last({ held: 90 }).evidence.climbs } },
        ],
        held: [unlimited({})],
        unknown: [{ evidence: { limit: null, climbs: [] } }],
      },
      "never more than the limit are in at a time": {
        broken: [last({ held: 101 }), last({ subscribers: 101 })],
        held: [last({ subscribers: null })],
        skipped: [unlimited({})],
        unknown: [none],
      },
      "whoever is refused is told so, by an HTTP status or a close code": {
        broken: [last({ refused: { 1006: 60 } }), last({ refused: { 503: 59, 1005: 1 } })],
        held: [last({ refused: { 503: 30, 429: 29, 4001: 1 } })],
        unknown: [none],
      },
      "nobody is left without an answer": {
        broken: [last({ failed: { timeout: 1 } }), last({ failed: { ECONNRESET: 1 } })],
        unknown: [none],
      },
      "those inside notice nothing: each answers, none is closed": {
        broken: [last({ closed: { 1001: 1 } }), last({ inside: { asked: 100, answered: 99, latencyMs } })],
        unknown: [none],
      },
      "a connection takes at most {maxEach} of the target's memory": {
        broken: [{ evidence: { climbs: all({ targetBytesEach: 300 * 1024 }) } }],
        held: [last({ targetBytesEach: 10 ** 6 })],
        skipped: [none, { evidence: { climbs: all({ targetBytesEach: null }) } }],
      },
      "a place that is freed can be taken again within {freeWithin}": {
        broken: [last({ retaken: 4, retakenMs: 1000 })],
        unknown: [none],
      },
      "after a drain nobody is left": {
        broken: [last({ leftSubscribers: 1 }), last({ leftSubscribers: null, leftSockets: 2 })],
        held: [last({ leftSubscribers: -1, leftSockets: null }), last({ cutShort: true })],
        skipped: [{ evidence: { climbs: all({ leftSubscribers: null, leftSockets: null }) } }],
      },
      "after a drain as many are let in as before": {
        broken: [last({ held: 99 })],
        unknown: [none, { evidence: { climbs: [burst] } }],
      },
    },
  );
});

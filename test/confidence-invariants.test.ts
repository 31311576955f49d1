/** Every invariant of the confidence scenarios on made-up evidence: it holds on health, and breaks on what is planted for it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ChurnRecord, Way } from "../lib/scenario/churn.ts";
import { type Crowds, keepCrowds } from "../lib/scenario/crowds.ts";
import { makeCheckpoints } from "../lib/scenario/fixtures/made-up.ts";
import type { RestartRecord } from "../lib/scenario/restart.ts";
import type { Checkpoint } from "../lib/scenario/target-watch.ts";
import { scenario as idleSoak } from "../scripts/idle-soak.ts";
import { scenario as rapidRestart } from "../scripts/rapid-restart.ts";
import { scenario as websocketChurn } from "../scripts/websocket-churn.ts";
import { judgeEach } from "./judge-each.ts";

const MIB = 2 ** 20;
const repeat = <T>(times: number, value: T): T[] => Array.from({ length: times }, () => value);
const liveAt = (values: readonly number[]) =>
  makeCheckpoints(values.length, (index) => ({ liveBytes: (values[index] ?? 0) * 1e6 }));
/** Live bytes, or only anonymous memory, of four quarters of 60 s with six readings each. */
function quarters(change: (megabytes: number) => Partial<Checkpoint>, values: readonly number[]) {
  const checkpoints = makeCheckpoints(24, (index) => ({
    atMs: index * 2500,
    ...change(values[Math.floor(index / 6)] ?? 0),
  }));
  return { evidence: { lastedMs: 57_500, checkpoints } };
}
const memory = (...values: number[]) => quarters((megabytes) => ({ liveBytes: megabytes * 1e6 }), values);
const anonymous = (...values: number[]) =>
  quarters((megabytes) => ({ liveBytes: null, engines: null, anonymousBytes: megabytes * 1e6 }), values);
const unread = makeCheckpoints(60, () => ({
  ...{ liveBytes: null, engines: null, resources: null, anonymousBytes: null, rssBytes: null },
}));
const leaking = makeCheckpoints(60, (index) => ({ descriptors: 30 + index }));
const tooShort = makeCheckpoints(5);
/** What cannot be read does not creep for all that anybody knows: nothing of it may pass. */
const unreadable = [
  makeCheckpoints(60, () => ({ named: { queue: null }, unread: { "gauge queue": "HTTP 404" } })),
  makeCheckpoints(60, (index) => (index < 20 ? {} : { liveBytes: null, engines: 0, resources: null })),
  makeCheckpoints(60, () => ({ descriptors: null })),
];

describe("idle-soak", () => {
  type Soaked = Awaited<ReturnType<typeof idleSoak.run>>;
  const evidence: Soaked = {
    lastedMs: 300_000,
    visits: 6000,
    failed: 0,
    visitingMs: 12_000,
    lookingMs: 0,
    failures: [],
    checkpoints: makeCheckpoints(60),
    endedEarly: false,
    visited: true,
    lean: [],
    expired: { left: 0 },
  };
  const unvisited = { evidence: { visited: false, visits: 0 } };
  const full = repeat(20, { ringEvents: 1000, oldestEventAgeMs: 9000 });
  const noGauges = { named: repeat(20, {}) };
  const ring = (...counts: number[]) => ({ named: counts.map((ringEvents) => ({ ringEvents })) });
  const judge = judgeEach(
    idleSoak,
    { evidence, named: full, stayed: [] },
    {
      "the server was visited, at least half as often as planned": {
        broken: [{ evidence: { visits: 2999 } }],
        // 300 ms for an answer: no client could have come more often
        held: [
          { evidence: { visits: 3000 } },
          { evidence: { visits: 900, visitingMs: 270_000 } },
          // nor is it visited while we look at it
          { evidence: { visits: 2000, lookingMs: 100_000 } },
        ],
        skipped: [unvisited],
      },
      "it went on for {duration}, or until two looks agreed that it leaks": {
        broken: [{ evidence: { lastedMs: 299_000 } }],
        held: [{ evidence: { lastedMs: 70_000, endedEarly: true } }, unvisited],
      },
      "it was visited 150 times, which a verdict on growth needs": {
        broken: [{ evidence: { visits: 149 } }],
        held: [{ evidence: { visits: 150 } }],
        skipped: [unvisited],
      },
      "99 of 100 visits were answered": {
        broken: [
          { evidence: { visits: 980, failed: 20, failures: ["20 × HTTP 500"] } },
          { evidence: { visits: 0, failed: 5 } },
        ],
        held: [{ evidence: { visits: 990, failed: 10 } }],
        unknown: [{ evidence: { visits: 0 } }],
        skipped: [unvisited],
      },
      "at most {ring} events are kept, always": {
        broken: [ring(1, 1001, 1)],
        skipped: [noGauges],
        unknown: [{ named: repeat(3, { ringEvents: null }) }],
      },
      "their number varies by less than 10 % of {ring} once it is full": {
        broken: [ring(0, 500, 1000, 900)],
        held: [
          ring(0, 500, 1000, 901),
          // published too late to be there: the client's fault, and a reading may be 1.5 s old
          { ...ring(1000, 1000, 800, 1000), evidence: { lean: [{ fromMs: 450, toMs: 550 }] } },
          { ...ring(1000, 800, 800, 1000), evidence: { lean: [{ fromMs: -900, toMs: -800 }] } },
        ],
        unknown: [
          ring(0, 500, 999),
          { ...ring(1000, 1000, 800, 1000), evidence: { lean: [{ fromMs: 0, toMs: 1000 }] } },
        ],
        skipped: [noGauges],
      },
      "no event is kept for more than 1.5 s beyond {ttl}": {
        broken: [{ named: [{ oldestEventAgeMs: 11_501 }] }],
        held: [{ named: [{ oldestEventAgeMs: 11_500 }] }],
        skipped: [noGauges],
      },
      "its memory grows by less than {maxGrowth} once it has warmed up": {
        broken: [memory(10, 10, 10, 60), { ...anonymous(10, 10, 10, 60), given: ["maxGrowth"] }],
        held: [memory(10, 10, 90, 59), memory(0, 60, 60, 10), memory(0, 50, 60, 60)],
        unknown: [{ evidence: { checkpoints: [] } }, anonymous(10, 10, 10, 60)],
        skipped: [{ evidence: { checkpoints: unread } }],
      },
      "and rises again by less than {maxVariation} in the second half": {
        broken: [memory(10, 10, 10, 30), { ...anonymous(10, 10, 10, 30), given: ["maxVariation"] }],
        held: [memory(10, 90, 90, 10), memory(10, 10, 30, 30)],
        unknown: [{ evidence: { checkpoints: liveAt([10]) } }, anonymous(10, 10, 10, 30)],
        skipped: [{ evidence: { checkpoints: unread } }],
      },
      "memory, descriptors, threads, timers and gauges do not creep": {
        broken: [{ evidence: { checkpoints: leaking } }],
        unknown: [tooShort, ...unreadable].map((checkpoints) => ({ evidence: { checkpoints } })),
      },
      "every event was gone {ttl} and 1.5 s after the last one": {
        broken: [{ evidence: { expired: { left: 1 } } }],
        unknown: [{ evidence: { expired: { left: null } } }],
        skipped: [{ evidence: { expired: null } }],
      },
    },
  );

  test("tells with a leak what of it stayed, and with a short run how long a longer one has to be", () => {
    const sentence = "memory, descriptors, threads, timers and gauges do not creep";
    const broken = judge(sentence, { evidence: { checkpoints: leaking }, stayed: ["59 × /tmp/x"] });
    assert.ok(broken.outcome === "broken" && broken.evidence.includes("stayed: 59 × /tmp/x"));
    const short = judge(sentence, { evidence: { checkpoints: tooShort } });
    assert.match(short.outcome === "unknown" ? short.reason : "", /; a run of .+ would decide$/);
  });
});

describe("rapid-restart", () => {
  type Restarted = Awaited<ReturnType<typeof rapidRestart.run>>;
  const ways = ["stop", "kill", "stop", "crash"] as const;
  const contests = ["none", "second", "race"] as const;
  const records = Array.from({ length: 25 }, (_, cycle): RestartRecord => {
    const way = ways[cycle % 4] ?? "stop";
    const stopped = way === "stop";
    return {
      ...{ cycle, way, contest: contests[cycle % 3] ?? "none", reusePid: false },
      ...{
        readyAfterMs: 300 + (cycle % 3),
        workedMs: 200,
        waitedMs: 0,
        startError: null,
        contestError: null,
      },
      ...{ stopTookMs: stopped ? 20 : null, stopError: null, anonymousBytes: 30 * MIB + cycle },
      ...{ crashError: null, left: [], leftFiles: [] },
      finalState: stopped ? { state: "idle" } : null,
    };
  });
  /** The same, but for cycles of this kind. */
  const plant = (which: Partial<RestartRecord>, wrong: (cycle: number) => Partial<RestartRecord>) => ({
    evidence: {
      records: records.map((record) =>
        Object.entries(which).every(([key, value]) => record[key as keyof RestartRecord] === value)
          ? { ...record, ...wrong(record.cycle) }
          : record,
      ),
    },
  });
  const few = { evidence: { records: records.slice(0, 3) } };
  const none = { evidence: { records: [] } };
  const foreign = { evidence: { isHub: false } };
  const leaveFile = () => ({ leftFiles: ["server.pid"] });
  const slowly = (cycle: number, stepMs: number) => ({ readyAfterMs: 300 + cycle * stepMs });

  const judge = judgeEach(
    rapidRestart,
    { evidence: { records, contested: true, isHub: true } satisfies Restarted, named: [], stayed: [] },
    {
      "all {cycles} cycles were made": { broken: [{ evidence: { records: records.slice(1) } }] },
      "every crash happened": {
        broken: [plant({ cycle: 3 }, () => ({ crashError: "it ran on" }))],
        skipped: [foreign],
        unknown: [few],
      },
      "every start succeeds, also after a crash and after SIGKILL": {
        broken: [plant({ cycle: 2 }, () => ({ startError: "already running (pid 7)" }))],
        unknown: [none],
      },
      "a second start is refused while one runs, and of two at once exactly one wins": {
        broken: ["second", "race"].map((contest) =>
          plant({ contest: contest as "race" }, () => ({ contestError: "both won" })),
        ),
        skipped: [{ evidence: { contested: false } }],
        unknown: [{ evidence: { records: records.filter(({ contest }) => contest === "none") } }],
      },
      "every stop is clean: in time, with the exit code of success": {
        broken: [plant({ cycle: 0 }, () => ({ stopError: "it ended with exit code 1" }))],
        unknown: [{ evidence: { records: records.filter(({ way }) => way !== "stop") } }],
      },
      "start times are level from cycle to cycle": {
        broken: [
          plant({}, (cycle) => slowly(cycle, 20)),
          plant({}, (cycle) => ({ ...slowly(cycle, 20), workedMs: 200 + cycle * 20 })),
          // where the kernel does not tell, all of it counts
          plant({}, (cycle) => ({ ...slowly(cycle, 20), workedMs: null, waitedMs: null })),
        ],
        held: [
          // within what times vary by whatever a server does
          plant({}, (cycle) => slowly(cycle, 3)),
          // what others on the box took is not the server's
          plant({}, (cycle) => ({ ...slowly(cycle, 20), waitedMs: cycle * 20 })),
          // of two at once each is in the other's way
          plant({ contest: "race" }, (cycle) => slowly(cycle, 50)),
        ],
        unknown: [few, none],
      },
      "stop times are level, too": {
        broken: [plant({ way: "stop" }, (cycle) => ({ stopTookMs: 20 + cycle * 10 }))],
        held: [plant({ way: "stop" }, (cycle) => ({ stopTookMs: 20 + cycle }))],
        unknown: [few],
      },
      "what a start holds is level: within {maxGrowth}": {
        broken: [plant({}, (cycle) => ({ anonymousBytes: (30 + cycle) * MIB }))],
        held: [plant({}, (cycle) => ({ anonymousBytes: (60 - cycle) * MIB }))],
        unknown: [plant({}, () => ({ anonymousBytes: null }))],
      },
      "no lock file, pid file, port or child is left after any stop": {
        broken: [
          ...[0, 1, 3].map((cycle) => plant({ cycle }, () => ({ left: ["pid 7 sleep 1000"] }))),
          plant({ cycle: 4 }, () => ({ leftFiles: ["hub.lock"] })),
        ],
        // of a server that may run twice, for all we know, a file is no lock
        held: [{ evidence: { ...plant({ cycle: 4 }, leaveFile).evidence, contested: false } }],
        // a server that never started has nothing to leave
        unknown: [none, plant({}, () => ({ startError: "no" }))],
      },
      "the final state is idle": {
        broken: [
          plant({ cycle: 0 }, () => ({ finalState: { state: "running" } })),
          plant({ cycle: 0 }, () => ({ finalState: "it wrote none" })),
          plant({ cycle: 0 }, () => ({ finalState: null })),
        ],
        skipped: [foreign],
        unknown: [none],
      },
    },
  );

  test("tells files that may be there on purpose", () => {
    const evidence = { ...plant({ cycle: 4 }, leaveFile).evidence, contested: false };
    const measure = judge("no lock file, pid file, port or child is left after any stop", { evidence });
    const [told] = measure.outcome === "held" ? measure.evidence : [];
    assert.equal(told, "after a stop there was server.pid: it counts with --exclusive");
  });
});

describe("websocket-churn", () => {
  type Churned = Awaited<ReturnType<typeof websocketChurn.run>>;
  const ways: readonly Way[] = ["polite", "destroy", "reset", "boom", "silence", "handshake"];
  const records = Array.from({ length: 50 }, (_, cycle): ChurnRecord => {
    const way = ways[cycle % ways.length] ?? "polite";
    const interrupted = way === "handshake";
    return {
      ...{ cycle, way, asked: 120, opened: interrupted ? 120 : 100, held: interrupted ? 0 : 100 },
      ...{ refused: interrupted ? {} : { 1013: 20 }, failed: {}, endedBy: {}, keptSilent: 0, late: 0 },
      ...{ peakSubscribers: interrupted ? null : 100, leftSubscribers: 0, leftSockets: 0 },
    };
  });
  const crowdsOf = (came: readonly ChurnRecord[]): { readonly crowds: Crowds } => {
    const { crowds, add } = keepCrowds({ cap: 100, clients: 120 });
    came.forEach(add);
    return { crowds };
  };
  const plant = (at: number, wrong: Partial<ChurnRecord>) => ({
    evidence: crowdsOf(records.map((record) => (record.cycle === at ? { ...record, ...wrong } : record))),
  });
  const none = { evidence: crowdsOf([]) };
  const first = (way: Way) => ways.indexOf(way);
  /** Kept by a crowd of this way, and by none before. */
  const keptBy = (way: Way, more: Partial<ChurnRecord> = { leftSubscribers: 3 }) => plant(first(way), more);
  const without = (...gone: Way[]) => ({
    evidence: {
      ways: ways.filter((way) => !gone.includes(way)),
      ...crowdsOf(records.filter(({ way }) => !gone.includes(way))),
    },
  });
  /** Crowds of no such way were to come, but none came. */
  const tooFew = (...gone: Way[]) => ({ evidence: { crowds: without(...gone).evidence.crowds } });
  const UNCOUNTED = { leftSubscribers: null, leftSockets: null };
  const countNone = crowdsOf(records.map((record) => ({ ...record, ...UNCOUNTED })));
  const left = (...judged: Way[]) => ({
    broken: judged.flatMap((way) => [keptBy(way), keptBy(way, { leftSockets: 1 })]),
    // a count that fell below is another invariant's, and what was there before is another crowd's
    held: [
      keptBy(judged[0] ?? "polite", { leftSubscribers: -2, leftSockets: -1 }),
      // one of nine
      keptBy(judged[0] ?? "polite", UNCOUNTED),
    ],
    // not counted is not gone
    unknown: [tooFew(...judged), none, { evidence: countNone }],
    skipped: [{ evidence: { ...countNone, countable: false } }],
  });
  const evidence: Churned = {
    ...{ cap: 100, clients: 120, ways: [...ways], connections: 6000, countable: true, ...crowdsOf(records) },
    checkpoints: makeCheckpoints(60),
  };
  const counted = repeat(10, { subscribers: 100 });

  const judge = judgeEach(
    websocketChurn,
    { evidence, named: counted, stayed: [] },
    {
      "all {cycles} crowds came": { broken: [{ evidence: crowdsOf(records.slice(1)) }] },
      "as many of each crowd were let in as there is room for": {
        broken: [plant(7, { opened: 99 }), { evidence: { cap: null } }],
        held: [{ evidence: { cap: 50 } }, { evidence: { cap: null, clients: 100 } }],
        unknown: [none],
      },
      "subscribers are never above the cap": {
        broken: [
          plant(0, { held: 101 }),
          plant(0, { peakSubscribers: 101 }),
          // between two questions of ours
          { named: [{ subscribers: 100 }, { subscribers: 101 }] },
        ],
        held: [
          plant(first("handshake"), { opened: 500 }),
          plant(0, { opened: 119 }),
          plant(0, { peakSubscribers: null }),
        ],
        skipped: [{ evidence: { cap: null } }],
        unknown: [none],
      },
      "clients above the cap are told so: close code 1013, or HTTP 503 or 429": {
        broken: [plant(0, { refused: { 1000: 20 } }), plant(0, { refused: { 1013: 19, 1006: 1 } })],
        held: [
          plant(0, { refused: { 503: 10, 429: 10 } }),
          plant(first("handshake"), { refused: { 1000: 1 } }),
        ],
        skipped: [{ evidence: { cap: null } }, { evidence: { clients: 100 } }],
        unknown: [none],
      },
      "no client is left without an answer": {
        broken: [
          plant(3, { failed: { timeout: 2 } }),
          plant(first("handshake"), { failed: { ECONNREFUSED: 1 } }),
        ],
        unknown: [none],
      },
      "the count of subscribers never falls below zero": {
        broken: [{ named: [{ subscribers: 3 }, { subscribers: -1 }] }],
        held: [{ named: [{ subscribers: 0 }] }],
        skipped: [{ named: repeat(3, {}) }],
        unknown: [{ named: repeat(3, { subscribers: null }) }],
      },
      "memory, descriptors, threads, timers and gauges do not creep": {
        broken: [{ evidence: { checkpoints: leaking } }],
        unknown: [{ evidence: { checkpoints: tooShort } }],
      },
      "no client stays after a polite close": {
        ...left("polite"),
        broken: [...left("polite").broken, plant(0, { late: 1 })],
      },
      "none stays after an abrupt end, by FIN or by RST": left("destroy", "reset"),
      "none stays after an exception in its handler": {
        ...left("boom"),
        skipped: [without("boom"), ...left("boom").skipped],
      },
      "none stays that went silent, half-open": {
        // the silent ones we see dropped ourselves
        held: [{ evidence: countNone }],
        unknown: [tooFew("silence"), none],
        broken: [keptBy("silence"), keptBy("silence", { keptSilent: 1 })],
        skipped: [without("silence")],
      },
      "none stays that went during the handshake": left("handshake"),
      "no subscriber is left at the end": {
        broken: [plant(49, { leftSubscribers: 1 })],
        held: [plant(48, { leftSubscribers: 1 })],
        skipped: [{ named: repeat(3, {}) }],
        unknown: [plant(49, { leftSubscribers: null }), none],
      },
    },
  );

  test("puts down to a crowd only what the one before had not left", () => {
    const kept = records.map((record) => ({ ...record, leftSubscribers: record.cycle < 2 ? 0 : 5 }));
    const outcomeOf = (sentence: string) => judge(sentence, { evidence: crowdsOf(kept) }).outcome;
    assert.equal(outcomeOf("none stays after an abrupt end, by FIN or by RST"), "broken");
    assert.equal(outcomeOf("no client stays after a polite close"), "held");
    assert.equal(outcomeOf("none stays that went during the handshake"), "held");
  });

  test("says which option makes a judgement possible of a server of the user's", () => {
    const reasonOf = (sentence: string, way: Way) => {
      const measure = judge(sentence, without(way));
      return measure.outcome === "skipped" ? measure.reason : "";
    };
    assert.match(reasonOf("none stays after an exception in its handler", "boom"), /--boom$/);
    assert.match(reasonOf("none stays that went silent, half-open", "silence"), /--silence-within$/);
  });
});

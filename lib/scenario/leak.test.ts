/** What a target held at its quiet points: each planted leak is named, health is level, and a run that cannot tell says what would. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KIB } from "../units.ts";
import { makeCheckpoints } from "./fixtures/made-up.ts";
import { judgeCheckpoints, measureLeak, memoryOf } from "./leak.ts";
import type { Checkpoint } from "./target-watch.ts";

const CONDITIONS = { warmUpMs: null, growthLimitBytes: 50e6 };

function judgeMade(change?: (index: number) => Partial<Checkpoint>, count = 60) {
  return judgeCheckpoints(makeCheckpoints(count, change), CONDITIONS);
}

test("judgeCheckpoints() finds healthy checkpoints level, and measureLeak() says from which leak on it would have told", () => {
  const measure = measureLeak(judgeMade());
  assert.ok(measure.outcome === "held", JSON.stringify(measure));
  assert.equal(measure.measured, "level: memory that lives and every count are level");
  assert.match(measure.limit, /^no leak above [\d.]+ (B|KiB) a cycle of live bytes$/);
  assert.match(measure.evidence.join("\n"), /live bytes: level, no leak above [\d.]+ (B|KiB) a cycle: /);
  assert.equal(measure.trends?.[0]?.verdict, "level");
});

/** One more at each checkpoint, or 100 KiB of it: the name under which it must be reported. */
const LEAKS: Record<string, (index: number) => Partial<Checkpoint>> = {
  "live bytes": (index) => ({ liveBytes: 10 * 2 ** 20 + index * 100 * KIB }),
  "anonymous memory": (index) => ({ anonymousBytes: 40 * 2 ** 20 + index * 1000 * KIB }),
  descriptors: (index) => ({ descriptors: 30 + index }),
  threads: (index) => ({ threads: 11 + index }),
  sockets: (index) => ({ sockets: 2 + index }),
  processes: (index) => ({ processes: 1 + index }),
  subscribers: (index) => ({ named: { subscribers: index } }),
  Timeout: (index) => ({ resources: { Timeout: 2 + index, TCPServerWrap: 1 } }),
  // of a kind that was not there at the start
  FSEventWrap: (index) => ({ resources: { Timeout: 2, ...(index > 0 && { FSEventWrap: index }) } }),
};

for (const [name, leak] of Object.entries(LEAKS)) {
  test(`measureLeak() names a leak of ${name}, and nothing else, with what it costs an hour`, () => {
    const measure = measureLeak(judgeMade(leak));
    assert.ok(measure.outcome === "broken", JSON.stringify(measure));
    assert.match(measure.measured, new RegExp(`^${name} \\+[\\d.]+.* a cycle \\(98 %: .+\\), .+ an hour$`));
    assert.doesNotMatch(measure.measured, /;/);
    const told = measure.evidence.find((line) => line.startsWith(`${name}: growing, `)) ?? "";
    assert.match(told, / since the warm-up/);
    // a number of things has no limit in bytes
    assert.equal(/, more than 50 MB|, 50 MB after .+ more/.test(told), /bytes|memory/.test(name), told);
  });
}

test("measureLeak() names everything that grows", () => {
  const both = (index: number) => ({ ...LEAKS.descriptors?.(index), ...LEAKS.threads?.(index) });
  const measure = measureLeak(judgeMade(both));
  assert.match(measure.outcome === "broken" ? measure.measured : "", /^threads \+.+; descriptors \+/);
});

test("judgeCheckpoints() does not take a gauge of time for a thing that is kept", () => {
  const { verdict, channels, aside } = judgeMade((index) => ({
    named: { uptimeMs: index * 1000, kept: 3 },
  }));
  assert.equal(verdict, "level");
  const names = channels.map(({ name }) => name);
  assert.deepEqual([names.includes("uptimeMs"), names.includes("kept")], [false, true]);
  assert.deepEqual(aside, ["uptimeMs: 0 → 59 000, not judged: it is a time"]);
});

test("measureLeak() shows a counter, by its name or by what the target says of it, and does not judge it", () => {
  const told = judgeMade((index) => ({
    named: { requests_total: index, asked: index },
    // the first answer came later than the first look
    ...(index > 0 && { meanings: { asked: "counter" } as const }),
  }));
  const measure = measureLeak(told);
  assert.ok(measure.outcome === "held", JSON.stringify(measure));
  const wanted = ["requests_total", "asked"].map(
    (name) => `${name}: 0 → 59, not judged: it is a counter, which only ever rises`,
  );
  assert.deepEqual(measure.evidence.slice(-2), wanted);
});

test("judgeCheckpoints() judges a gauge whatever its name, where the target says that it can fall", () => {
  const { verdict, channels } = judgeMade((index) => ({
    named: { sessions_count: index },
    meanings: { sessions_count: "things" },
  }));
  assert.equal(verdict, "growing");
  assert.ok(channels.some(({ name, verdict }) => name === "sessions_count" && verdict === "growing"));
});

test("judgeCheckpoints() judges bytes that a gauge tells as memory: some KiB up and down are none", () => {
  const judge = (bytes: (index: number) => number) =>
    judgeMade((index) => ({ named: { cacheBytes: bytes(index) } }));
  const healthy = judge((index) => 50e6 + ((index * 7919) % 13) * 4000);
  assert.equal(healthy.verdict, "level", healthy.reason);
  const leak = measureLeak(judge((index) => 50e6 + index * 100_000));
  assert.match(leak.outcome === "broken" ? leak.measured : "", /^cacheBytes \+4.9 KiB a cycle/);
});

test("judgeCheckpoints() finds nothing level of a gauge that was never read, or seldom, and says why", () => {
  const unread = { "gauge queue": "HTTP 404" };
  const judge = (isRead: (index: number) => boolean, value = (_: number) => 3) =>
    judgeMade((index) =>
      isRead(index) ? { named: { queue: value(index) } } : { named: { queue: null }, unread },
    );
  const never = judge(() => false);
  assert.deepEqual(
    [never.verdict, never.reason],
    ["inconclusive", "queue: it was read at 0 of 60 quiet points: HTTP 404"],
  );
  assert.match(judge((index) => index % 3 === 0).reason, /^queue: it was read at 20 of 60 .+: HTTP 404$/);
  assert.equal(judge((index) => index % 2 === 0).verdict, "level");
  // what grows whenever it is read does grow
  assert.equal(
    judge(
      (index) => index % 3 === 0,
      (index) => index,
    ).verdict,
    "growing",
  );
});

test("judgeCheckpoints() finds nothing level where what the kernel counts cannot be read", () => {
  const unread = { descriptors: "its descriptors may not be counted by us" };
  const { verdict, reason } = judgeMade(() => ({ descriptors: null, unread }));
  assert.equal(verdict, "inconclusive");
  assert.match(reason, /^descriptors: .+0 of 60.+: its descriptors may not be counted by us$/);
});

/** Of a URL alone, or on another system. */
const NO_KERNEL = {
  ...{ rssBytes: null, anonymousBytes: null, descriptors: null, threads: null, sockets: null },
  ...{ processes: null, liveBytes: null, engines: null, resources: null },
};

test("judgeCheckpoints() does not wait for what no kernel tells here: gauges alone are judged", () => {
  const judged = judgeMade(() => ({ ...NO_KERNEL, named: { queue: 3 } }));
  assert.deepEqual(
    [judged.verdict, judged.channels.map(({ name }) => name)],
    ["level", ["queue"]],
    judged.reason,
  );
});

test("judgeCheckpoints() passes nothing on resident memory where the engine was asked and seldom answered", () => {
  const unread = { liveBytes: "no answer within 30000 ms" };
  const silent = { liveBytes: null, engines: 0, resources: null, unread };
  for (const answers of [0, 1, 29]) {
    const checkpoints = makeCheckpoints(60, (index) => (index < answers ? {} : silent));
    const { verdict, reason } = judgeCheckpoints(checkpoints, CONDITIONS);
    assert.equal(verdict, "inconclusive");
    assert.match(reason, new RegExp(`^live bytes: it was read at ${answers} of 60 .+: no answer within`));
    const { values, what } = memoryOf(checkpoints);
    assert.deepEqual(values, []);
    assert.match(what, /^live bytes: it was read at /);
  }
});

test("judgeCheckpoints() compares the sums of as many processes as answer most often, and memoryOf() does so too", () => {
  const other = { engines: 2, liveBytes: 30 * 2 ** 20 };
  const silent = { engines: 0, liveBytes: null, resources: null };
  const kinds = [{}, {}, {}, other, silent];
  const checkpoints = makeCheckpoints(60, (index) => kinds[index % 5] ?? {});
  assert.equal(judgeCheckpoints(checkpoints, CONDITIONS).verdict, "level");
  const { values } = memoryOf(checkpoints);
  assert.deepEqual([values.length, values.some((value) => value > 11 * 2 ** 20)], [36, false]);
});

test("measureLeak() says of a run that is too short how long one would decide", () => {
  const short = judgeMade(LEAKS["live bytes"], 15);
  assert.equal(short.verdict, "inconclusive");
  const measure = measureLeak(short);
  assert.ok(measure.outcome === "unknown");
  assert.match(measure.reason, /live bytes: growing so far.+; a run of 1 min would decide$/);
});

/** A cache that fills ever more slowly. */
const fill = (index: number) => ({ liveBytes: 2 ** 20 * (40 - 30 * 0.9 ** index) });

test("measureLeak() does not promise a length where none is known", () => {
  const measure = measureLeak(judgeMade(fill));
  assert.ok(measure.outcome === "unknown", JSON.stringify(measure));
  assert.match(measure.reason, /declare the warm-up, or run longer$/);
});

test("judgeCheckpoints() leaves out what a declared warm-up covers", () => {
  const checkpoints = makeCheckpoints(60, fill);
  const judge = (warmUpMs: number | null) =>
    judgeCheckpoints(checkpoints, { ...CONDITIONS, warmUpMs }).verdict;
  assert.deepEqual([judge(null), judge(127_000)], ["inconclusive", "level"]);
});

test("judgeCheckpoints() lets a target without live bytes grow within the limit, and never passes it beyond", () => {
  const foreign = (bytes: number) => (index: number) => ({
    ...{ liveBytes: null, engines: null, resources: null },
    anonymousBytes: 40 * 2 ** 20 + (index === 30 ? bytes : 0),
  });
  const within = measureLeak(judgeMade(foreign(40e6)));
  assert.ok(within.outcome === "held", JSON.stringify(within));
  assert.match(within.measured, /^level: .+ RSS stayed within its limit; live bytes were not read$/);
  assert.match(within.limit, /^no leak above [\d.]+ KiB a cycle of anonymous memory$/);
  assert.equal(judgeMade(foreign(60e6)).verdict, "inconclusive");
});

test("judgeCheckpoints() allows what is no JavaScript a third of the growth, and JavaScript without live bytes all of it", () => {
  const excludes = (javaScript: boolean) => {
    const change = () => ({ liveBytes: null, engines: null, resources: null, javaScript });
    const { channels } = judgeMade(change, 100);
    return channels[0]?.smallestLeakExcluded ?? Number.NaN;
  };
  assert.equal(Math.round(excludes(true) / excludes(false)), 3);
});

test("judgeCheckpoints() of nothing is inconclusive", () => {
  assert.equal(measureLeak(judgeCheckpoints([], CONDITIONS)).outcome, "unknown");
});

test("memoryOf() prefers live bytes, where there are any, to anonymous memory", () => {
  const [first] = makeCheckpoints(1);
  const blind = makeCheckpoints(3, () => ({ liveBytes: null, engines: null }));
  assert.deepEqual(memoryOf(makeCheckpoints(1)), {
    values: [first?.liveBytes],
    what: "live bytes, after a forced collection",
  });
  assert.deepEqual(memoryOf(blind), { values: Array(3).fill(40 * 2 ** 20), what: "anonymous memory" });
  assert.deepEqual(memoryOf([]).values, []);
});

test("judgeCheckpoints() finds nothing level that nobody saw in the end", () => {
  const silent = { liveBytes: null, engines: 0, resources: null, unread: { liveBytes: "no answer" } };
  const { verdict, reason } = judgeMade((index) => (index < 36 ? {} : silent));
  assert.equal(verdict, "inconclusive");
  assert.match(reason, /^live bytes: it was read at 0 of 20 quiet points in the last third: no answer$/);
});

test("measureLeak() says per what: connections of crowds, seconds where nothing is repeated", () => {
  const leak = makeCheckpoints(60, (index) => ({ liveBytes: 2 ** 20 * (10 + index) }));
  for (const per of ["connection", "second"] as const) {
    const measure = measureLeak(judgeCheckpoints(leak, { ...CONDITIONS, per }));
    assert.ok(measure.outcome === "broken");
    assert.match(measure.measured, new RegExp(`^live bytes \\+[\\d.]+ KiB a ${per} `));
    const level = measureLeak(judgeCheckpoints(makeCheckpoints(60), { ...CONDITIONS, per }));
    assert.match(level.outcome === "held" ? level.limit : "", new RegExp(` a ${per} of live bytes$`));
  }
});

test("judgeCheckpoints() shows a heap that nobody collects, and does not judge it", () => {
  const { verdict, aside } = judgeMade((index) => ({ named: { jvm_memory_used_bytes: index * 2 ** 20 } }));
  assert.equal(verdict, "level");
  assert.match(aside.join(), /^jvm_memory_used_bytes: .+ not judged: it is a heap, which rises until/);
});

test("judgeCheckpoints() does not pass a server by the heap of the Node that started it", () => {
  const behind = (bytes: number) => (index: number) => ({
    heapIsPart: true,
    anonymousBytes: 40 * 2 ** 20 + (index === 30 ? bytes : 0),
  });
  assert.deepEqual(
    [judgeMade(behind(40e6)).verdict, judgeMade(behind(60e6)).verdict],
    ["level", "inconclusive"],
  );
  assert.equal(memoryOf(makeCheckpoints(60, behind(0))).what, "anonymous memory");
});

/** One channel at a time: planted leaks of every kind are found, and what healthy processes do stays silent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../stress/random.ts";
import { judgeChannel } from "./channel.ts";
import type { Channel, Conditions } from "./channel-verdict.ts";
import type { Point } from "./floors.ts";
import type { Kind } from "./thresholds.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const CYCLE_MS = 80;

interface Shape {
  readonly kind: Kind;
  readonly value: (cycle: number, random: () => number) => number;
  readonly seconds?: number;
  /** Cycles from reading to reading. */
  readonly every?: number;
}

function read({ kind, value, seconds = 120, every = kind === "live" ? 20 : 2 }: Shape, seed = 1): Channel {
  const random = createRandom(seed);
  const cycles = (seconds * 1000) / CYCLE_MS;
  const points: Point[] = [];
  for (let cycle = 0; cycle <= cycles; cycle += every)
    points.push([cycle, cycle * CYCLE_MS, value(cycle, random)]);
  return { kind, name: kind, points };
}

const judge = (shape: Shape, conditions?: Conditions) => judgeChannel(read(shape), conditions);

const base = 6 * MIB;
const jitter = (random: () => number, size: number) => size * random();

/** What is planted per cycle; the rest is what a process does besides. */
const LEAKS: Record<string, Shape & { readonly perCycle: number }> = {
  "live bytes, 1 KiB": {
    kind: "live",
    perCycle: KIB,
    value: (cycle, random) => base + cycle * KIB + jitter(random, 20 * KIB),
  },
  "live bytes, 4 KiB in a minute": {
    kind: "live",
    perCycle: 4 * KIB,
    seconds: 60,
    value: (cycle, random) => base + cycle * 4 * KIB + jitter(random, 20 * KIB),
  },
  "anonymous RSS, 64 KiB under garbage": {
    kind: "anonymous-rss",
    perCycle: 64 * KIB,
    value: (cycle, random) => 40 * MIB + cycle * 64 * KIB + jitter(random, 8 * MIB),
  },
  "a descriptor in 50 cycles": {
    kind: "count",
    perCycle: 0.02,
    value: (cycle, random) => 24 + Math.floor(cycle / 50) + Math.floor(4 * random()),
  },
  "a thread in 120 cycles": {
    kind: "threads",
    perCycle: 1 / 120,
    value: (cycle) => 11 + Math.floor(cycle / 120),
  },
};

for (const [name, { perCycle, ...shape }] of Object.entries(LEAKS)) {
  test(`judgeChannel() finds ${name}, and how much it is`, () => {
    const found = judge(shape);
    assert.equal(found.verdict, "growing", found.reason);
    const { low, high, slopePerCycle, slopePerHour } = found;
    assert.ok(slopePerCycle && Math.abs(slopePerCycle / perCycle - 1) < 0.1, `${slopePerCycle}`);
    assert.ok(low !== null && high !== null && low < slopePerCycle && slopePerCycle < high);
    assert.ok(Math.abs((slopePerHour ?? 0) / ((slopePerCycle * 3_600_000) / CYCLE_MS) - 1) < 1e-6);
    assert.equal(found.cause, null);
    assert.equal(found.decidesAfterMs, null);
  });
}

const HEALTHY: Record<string, Shape> = {
  "live bytes with a little noise": {
    kind: "live",
    value: (_, random) => base + jitter(random, 50 * KIB),
  },
  "code that is compiled less and less": {
    kind: "live",
    value: (cycle, random) => base + 400 * KIB * Math.log1p(cycle / 10) + jitter(random, 20 * KIB),
  },
  "a cache that fills and stops": {
    kind: "live",
    value: (cycle, random) => base + Math.min(cycle, 600) * 40 * KIB + jitter(random, 30 * KIB),
  },
  "a sawtooth of garbage": {
    kind: "anonymous-rss",
    value: (cycle) => 40 * MIB + (cycle % 70) * 200 * KIB,
  },
  "bursts, let go at once": {
    kind: "live",
    value: (cycle, random) => base + (cycle % 300 < 60 ? 20 * MIB : 0) + jitter(random, 20 * KIB),
  },
  "memory that goes up and down by more than δ could tell": {
    kind: "live",
    value: (_, random) => 60 * MIB + jitter(random, 6 * MIB),
  },
  "a pool that grows to its maximum": {
    kind: "count",
    value: (cycle) => 20 + Math.min(40, Math.floor(cycle / 10)),
  },
  "a pool of threads": { kind: "threads", value: (cycle) => 7 + Math.min(4, Math.floor(cycle / 100)) },
  "connections that come and go": {
    kind: "count",
    value: (_, random) => 24 + Math.floor(10 * random()),
  },
  "a resident set that settles": {
    kind: "anonymous-rss",
    value: (cycle, random) => 70 * MIB - 20 * MIB * Math.exp(-cycle / 200) + jitter(random, MIB),
  },
};

for (const [name, shape] of Object.entries(HEALTHY)) {
  test(`judgeChannel() calls ${name} level`, () => {
    const found = judge(shape);
    assert.equal(found.verdict, "level", found.reason);
  });
}

test("judgeChannel() never calls pure noise growing, whatever the seed", () => {
  const kinds: readonly Kind[] = ["live", "anonymous-rss", "count", "threads"];
  for (const kind of kinds) {
    const size = kind === "count" || kind === "threads" ? 40 : 4 * MIB;
    for (let seed = 1; seed <= 100; seed++) {
      const shape: Shape = { kind, value: (_, random) => Math.floor(30 + size * (1 + random())) };
      assert.notEqual(judgeChannel(read(shape, seed)).verdict, "growing", `${kind}, seed ${seed}`);
    }
  }
});

test("judgeChannel() says how small a leak it excludes: never less than what matters, more in a shorter run", () => {
  const shape: Shape = { kind: "live", value: (_, random) => base + jitter(random, 10 * KIB) };
  const [short, long] = [judge(shape), judge({ ...shape, seconds: 3600 })];
  assert.equal(long.smallestLeakExcluded, 0.25 * KIB);
  assert.ok(Math.abs((short.smallestLeakExcluded ?? 0) / ((512 * KIB) / 1000) - 1) < 0.01);
  assert.equal(judge({ kind: "anonymous-rss", value: () => base }).smallestLeakExcluded, (24 * MIB) / 1000);
  const launched = judge({ kind: "anonymous-rss", value: () => base }, { allowanceBytes: 8 * MIB });
  assert.equal(launched.smallestLeakExcluded, (8 * MIB) / 1000);
});

const slow: Shape = {
  kind: "live",
  value: (cycle, random) => base + Math.min(cycle, 1150) * 40 * KIB + jitter(random, 20 * KIB),
};

test("judgeChannel() does not decide a cache that filled just now, and asks for its warm-up", () => {
  const found = judge(slow);
  assert.deepEqual([found.verdict, found.cause], ["inconclusive", "slowing"]);
  assert.match(found.reason, /declare the warm-up/);
});

test("judgeChannel() begins after the warm-up that was declared", () => {
  const found = judge({ ...slow, seconds: 180 }, { warmUpMs: 95_000 });
  assert.equal(found.verdict, "level", found.reason);
  assert.ok(found.floors.every(([, tMs]) => tMs >= 95_000));
});

test("judgeChannel() cannot see a leak below memory that still drains", () => {
  const found = judge({ kind: "live", value: (cycle) => 200 * MIB - cycle * 80 * KIB });
  assert.deepEqual([found.verdict, found.cause], ["inconclusive", "draining"]);
});

test("judgeChannel() calls memory that fell and then stayed level", () => {
  const found = judge({ kind: "live", value: (cycle) => 200 * MIB - Math.min(700, cycle) * 80 * KIB });
  assert.equal(found.verdict, "level", found.reason);
});

test("judgeChannel() says growing so far before 60 s, and 120 s of anonymous RSS, and which length decides", () => {
  const live = judge({ ...LEAKS["live bytes, 4 KiB in a minute"]!, seconds: 40 });
  assert.deepEqual(
    [live.verdict, live.cause, live.decidesAfterMs],
    ["inconclusive", "growing-so-far", 60_000],
  );
  const rss = judge({ ...LEAKS["anonymous RSS, 64 KiB under garbage"]!, seconds: 100 });
  assert.deepEqual([rss.verdict, rss.cause, rss.decidesAfterMs], ["inconclusive", "growing-so-far", 120_000]);
  assert.match(rss.reason, /growing so far/);
});

test("judgeChannel() needs 100 cycles after the warm-up; of a series by time, 40 s", () => {
  const short = judge({ kind: "count", value: (cycle) => cycle, seconds: 11 });
  assert.deepEqual([short.verdict, short.cause], ["inconclusive", "short"]);
  const seconds = (length: number): Channel => ({
    kind: "count",
    name: "descriptors",
    points: Array.from({ length: length + 1 }, (_, second) => [second, second * 1000, second]),
  });
  assert.equal(judgeChannel(seconds(50), { per: "second" }).cause, "short");
  assert.equal(judgeChannel(seconds(60), { per: "second" }).verdict, "growing");
  assert.equal(judgeChannel(seconds(60)).cause, "short");
});

test("judgeChannel() has nothing to say of nothing, of one reading, and where x stands still", () => {
  const points: Point[] = [
    [5, 0, 1],
    [5, 1000, 2],
  ];
  for (const few of [[], points.slice(0, 1), points]) {
    const found = judgeChannel({ kind: "live", name: "live", points: few });
    assert.deepEqual([found.verdict, found.cause, found.low], ["inconclusive", "empty", null]);
  }
});

/** Grows by garbage until a major collection takes it all. */
function naturalHeap(everyMs: number, leakPerCycle: number, base_ = base): Channel {
  const { points } = read({
    kind: "natural-heap",
    value: (cycle) => base_ + cycle * leakPerCycle + ((cycle * CYCLE_MS) % everyMs) * 100,
  });
  return {
    ...{ kind: "natural-heap", name: "heap", points },
    majorCollections: points.map(([, tMs]) => Math.floor(tMs / everyMs)),
  };
}

test("judgeChannel() judges a natural heap by what is left after major collections", () => {
  assert.equal(judgeChannel(naturalHeap(10_000, 4 * KIB)).verdict, "growing");
  assert.equal(judgeChannel(naturalHeap(10_000, 0)).verdict, "level");
});

test("judgeChannel() needs six of them after the warm-up, and says how long that takes", () => {
  const found = judgeChannel(naturalHeap(25_000, 4 * KIB));
  assert.deepEqual([found.verdict, found.cause], ["inconclusive", "few-readings"]);
  assert.match(found.reason, /^3 readings after major collections .* 6 are needed$/);
  assert.equal(found.decidesAfterMs, 240_000);
});

test("judgeChannel() calls a natural heap paused that falls far below its line at the end", () => {
  const heap = naturalHeap(5_000, 4 * KIB);
  const points = heap.points.map(
    ([x, tMs, value]): Point => [x, tMs, tMs > 115_000 ? value - 3 * MIB : value],
  );
  const found = judgeChannel({ ...heap, points });
  assert.notEqual(found.verdict, "growing", found.reason);
});

/** Channels weighed together: any leak is a leak, and a pass needs the evidence that can carry it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Channel } from "./channel-verdict.ts";
import type { Point } from "./floors.ts";
import { type Look, mayStop } from "./looks.ts";
import { judgeSeries, type SeriesVerdict } from "./series.ts";
import type { Kind } from "./thresholds.ts";

const MIB = 1024 * 1024;

/** A reading each second for two minutes, ten cycles a second. */
function channel(kind: Kind, name: string, value: (cycle: number) => number | null): Channel {
  const points = Array.from({ length: 121 }, (_, second) => second).flatMap((second): Point[] => {
    const read = value(second * 10);
    return read === null ? [] : [[second * 10, second * 1000, read]];
  });
  return { kind, name, points };
}

const live = channel("live", "live bytes", () => 5 * MIB);
const descriptors = channel("count", "descriptors", () => 24);
const leakingDescriptors = channel("count", "descriptors", (cycle) => 24 + Math.floor(cycle / 20));
const resident = channel("anonymous-rss", "anonymous RSS", (cycle) => 30 * MIB + (cycle % 50) * 20_000);
const scattered = channel("live", "live bytes", (cycle) => 5 * MIB + ((cycle * 7919) % 1009) * 5000);

test("judgeSeries() calls a leak what grows in any channel, and names it", () => {
  const { verdict, reason, channels } = judgeSeries({ channels: [live, leakingDescriptors, resident] });
  assert.equal(verdict, "growing");
  assert.match(reason, /^descriptors: it grows/);
  assert.deepEqual(
    channels.map((one) => one.verdict),
    ["level", "growing", "level"],
  );
});

test("judgeSeries() passes live bytes and counts that are level, whatever anonymous RSS cannot tell", () => {
  const vague = channel("anonymous-rss", "RSS", (cycle) => 90 * MIB * (1 + Math.sin(cycle / 90) / 2));
  const { verdict, channels } = judgeSeries({ channels: [live, descriptors, vague] });
  assert.equal(verdict, "level");
  assert.equal(channels[2]?.verdict, "inconclusive");
});

test("judgeSeries() is inconclusive with live bytes that are, and with any count that is", () => {
  assert.equal(judgeSeries({ channels: [scattered, descriptors] }).verdict, "inconclusive");
  const few: Channel = { ...descriptors, name: "sockets", points: descriptors.points.slice(0, 4) };
  const { verdict, reason } = judgeSeries({ channels: [live, descriptors, few] });
  assert.equal(verdict, "inconclusive");
  assert.match(reason, /^sockets: /);
});

test("judgeSeries() passes a process without live bytes only by counts and by RSS within the user's limit", () => {
  const channels = [descriptors, resident];
  const judge = (rssLimitBytes?: number) =>
    judgeSeries({ channels, ...(rssLimitBytes !== undefined && { rssLimitBytes }) });
  assert.match(judge().reason, /give a limit for RSS/);
  assert.equal(judge().verdict, "inconclusive");
  assert.equal(judge(100 * MIB).verdict, "level");
  assert.match(judge(100 * MIB).reason, /live bytes were not read/);
  assert.equal(judge(10 * MIB).verdict, "inconclusive");
  assert.equal(judgeSeries({ channels: [resident], rssLimitBytes: 100 * MIB }).verdict, "inconclusive");
});

test("judgeSeries() answers for what it was given: counts alone, live bytes alone, nothing", () => {
  assert.match(judgeSeries({ channels: [descriptors] }).reason, /memory was not read/);
  assert.equal(judgeSeries({ channels: [descriptors] }).verdict, "level");
  assert.equal(judgeSeries({ channels: [live] }).verdict, "level");
  assert.equal(judgeSeries({ channels: [] }).verdict, "inconclusive");
});

test("judgeSeries() drops what was read of a zombie, in every channel", () => {
  const dies = (value: number) => (cycle: number) => (cycle > 1150 ? 0 : value);
  const { verdict, channels } = judgeSeries({
    channels: [
      live,
      channel("count", "descriptors", dies(24)),
      channel("anonymous-rss", "RSS", dies(30 * MIB)),
    ],
  });
  assert.equal(verdict, "level");
  for (const { floors } of channels) assert.ok(floors.every(([, , value]) => value > 0));
});

test("judgeSeries() does not take anonymous RSS for a leak where the heap in it has just stopped growing", () => {
  const fills = (size: number) => (cycle: number) => 20 * MIB + Math.min(cycle, 1000) * size;
  const heap = channel("live", "live bytes", fills(60_000));
  const rss = channel("anonymous-rss", "RSS", (cycle) => 20 * MIB + cycle * 60_000);
  assert.equal(judgeSeries({ channels: [descriptors, rss] }).verdict, "growing");
  const { verdict, channels } = judgeSeries({ channels: [heap, descriptors, rss] });
  assert.equal(verdict, "inconclusive", channels.map(({ reason }) => reason).join());
});

/** Collections every so many seconds, and garbage in between. */
function naturalHeap(everySeconds: number, leakPerCycle: number): Channel {
  const heap = channel(
    "natural-heap",
    "heap",
    (cycle) => 5 * MIB + cycle * leakPerCycle + ((cycle / 10) % everySeconds) * 100_000,
  );
  return { ...heap, majorCollections: heap.points.map(([x]) => Math.floor(x / 10 / everySeconds)) };
}

test("judgeSeries() takes five readings after collections that all rise, where anonymous RSS rises with them", () => {
  const rising = channel("anonymous-rss", "RSS", (cycle) => 30 * MIB + cycle * 8000);
  const growing = judgeSeries({ channels: [naturalHeap(16, 8000), descriptors, rising] });
  assert.equal(growing.channels[0]?.floors.length, 5);
  assert.match(growing.reason, /^heap: all 5 readings/);
  assert.equal(growing.verdict, "growing");
  for (const channels of [
    [naturalHeap(16, 8000), descriptors, resident],
    [naturalHeap(16, 1000), descriptors, rising],
    [naturalHeap(25, 8000), descriptors, rising],
    [naturalHeap(16, 8000), descriptors],
  ])
    assert.equal(judgeSeries({ channels }).verdict, "inconclusive");
});

const look = (atMs: number, verdict: SeriesVerdict): Look => ({ atMs, verdict });

test("mayStop() wants two looks that agree, with more of the run in the second", () => {
  const level = judgeSeries({ channels: [live, descriptors] });
  const growing = judgeSeries({ channels: [live, leakingDescriptors] });
  const unsure = judgeSeries({ channels: [scattered] });
  assert.equal(mayStop([]), false);
  assert.equal(mayStop([look(60_000, level)]), false);
  assert.equal(mayStop([look(60_000, level), look(61_000, level)]), false);
  assert.equal(mayStop([look(60_000, level), look(61_000, level), look(70_000, level)]), true);
  assert.equal(mayStop([look(60_000, growing), look(80_000, growing)]), true);
  assert.equal(mayStop([look(60_000, level), look(80_000, growing)]), false);
  assert.equal(mayStop([look(60_000, level), look(70_000, growing), look(71_000, level)]), false);
  assert.equal(mayStop([look(60_000, unsure), look(80_000, unsure)]), false);
});

test("mayStop() does not take two different channels for one leak", () => {
  const other = judgeSeries({ channels: [live, { ...leakingDescriptors, name: "sockets" }] });
  const growing = judgeSeries({ channels: [live, leakingDescriptors] });
  assert.equal(mayStop([look(60_000, growing), look(80_000, other)]), false);
});

test("judgeSeries() finds a channel that was seldom read growing, and never level", () => {
  const seldom = { ...descriptors, unread: "it was read at 3 of 9 points" };
  const { verdict, reason, channels } = judgeSeries({ channels: [live, seldom] });
  assert.deepEqual([verdict, reason], ["inconclusive", "descriptors: it was read at 3 of 9 points"]);
  const { cause, smallestLeakExcluded, decidesAfterMs } = channels[1] ?? {};
  assert.deepEqual([cause, smallestLeakExcluded, decidesAfterMs], ["unread", null, null]);
  assert.equal(
    judgeSeries({ channels: [live, { ...leakingDescriptors, unread: "seldom" }] }).verdict,
    "growing",
  );
});

test("judgeSeries() does not pass RSS that was seldom read, though it stayed within its limit", () => {
  const seldom = { ...resident, unread: "it was read at 3 of 9 points" };
  const judge = (one: Channel) => judgeSeries({ channels: [descriptors, one], rssLimitBytes: 100 * MIB });
  assert.deepEqual([judge(resident).verdict, judge(seldom).verdict], ["level", "inconclusive"]);
});

test("judgeSeries() judges bytes that the process tells: a leak is found, what goes up and down is level", () => {
  const cache = (value: (cycle: number) => number) => channel("bytes", "cache", value);
  const judge = (value: (cycle: number) => number) => judgeSeries({ channels: [live, cache(value)] }).verdict;
  assert.equal(
    judge((cycle) => 40 * MIB + cycle * 4096),
    "growing",
  );
  assert.equal(
    judge((cycle) => 40 * MIB + ((cycle * 7919) % 1009) * 2000),
    "level",
  );
  assert.equal(
    judge(() => 40 * MIB),
    "level",
  );
});

test("judgeSeries() takes a heap that was never read for no level one, whatever another heap is", () => {
  const worker: Channel = { kind: "live", name: "worker", points: [] };
  const { verdict, reason } = judgeSeries({ channels: [live, worker, descriptors] });
  assert.equal(verdict, "inconclusive");
  assert.match(reason, /^worker: /);
});

const creeping = channel("anonymous-rss", "anonymous RSS", (cycle) => 30 * MIB + cycle * 40_000);

test("judgeSeries() does not convict a heap that takes what it is allowed before it collects, nor pass it", () => {
  const judge = (managedHeap: boolean) =>
    judgeSeries({ channels: [creeping, descriptors], managedHeap, rssLimitBytes: 500 * MIB });
  assert.equal(judge(false).verdict, "growing");
  assert.deepEqual([judge(true).verdict, judge(true).channels[0]?.cause], ["inconclusive", "uncollected"]);
});

test("judgeSeries() passes by live bytes of a part of the processes only what RSS passes, too", () => {
  const judge = (rssLimitBytes?: number) =>
    judgeSeries({
      channels: [live, descriptors, resident],
      heapIsPart: true,
      ...(rssLimitBytes !== undefined && { rssLimitBytes }),
    });
  assert.deepEqual(
    [judge().verdict, judge(10 * MIB).verdict, judge(100 * MIB).verdict],
    ["inconclusive", "inconclusive", "level"],
  );
  assert.match(judge(100 * MIB).reason, /live bytes were read of a part of it only$/);
});

test("judgeSeries() does not take five readings after collections for growth in fewer than 100 cycles", () => {
  const few = (cycle: number): Channel["points"][number] => [cycle, cycle * 4000, MIB + cycle * 15_000];
  const points = Array.from({ length: 45 }, (_, cycle) => few(cycle));
  const majorCollections = points.map(([cycle]) => (cycle < 20 ? 0 : Math.floor((cycle - 15) / 5)));
  const heap: Channel = { kind: "natural-heap", name: "heap", points, majorCollections };
  const rss: Channel = { kind: "anonymous-rss", name: "RSS", points };
  const { verdict, channels } = judgeSeries({ channels: [heap, rss] });
  assert.deepEqual([verdict, channels[0]?.cause], ["inconclusive", "short"]);
});

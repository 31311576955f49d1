/** The sampler on the real clock: its grid, what it missed, the stalls that it sees, and sources that fail. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import type { Sample, Source } from "./gauges.ts";
import { type SamplerSettings, startSampler } from "./sampler.ts";

/** A sampler for as long as the test lasts, and a promise for each number of samples. */
function sampling(t: TestContext, settings: Partial<SamplerSettings> = {}) {
  const samples: Sample[] = [];
  const heard = new EventTarget();
  const sampler = startSampler({
    intervalMs: 10,
    sources: [],
    phase: () => "hold",
    loads: () => ({}),
    named: () => ({}),
    onSample: (sample) => {
      samples.push(sample);
      heard.dispatchEvent(new Event("sample"));
    },
    ...settings,
  });
  t.after(sampler.stop);
  const until = async (count: number) => {
    while (samples.length < count) await once(heard, "sample");
  };
  return { sampler, samples, until };
}

function block(ms: number) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test("startSampler() takes its samples on a grid: neither their cost nor a late one shifts the next", async (t) => {
  const loads = () => {
    block(2);
    return {};
  };
  const { samples, until } = sampling(t, { loads });
  await until(20);
  for (const { atMs, lateMs } of samples) {
    const dueMs = atMs - (lateMs ?? Number.NaN);
    const offGrid = Math.abs(dueMs - Math.round(dueMs / 10) * 10);
    // Node counts whole milliseconds: a timer fires up to two early, which is told as not late
    assert.ok(offGrid < 2.5, `at ${atMs}, late by ${lateMs}`);
  }
});

test("startSampler() says how late a sample is, and counts the ticks that it swallowed", async (t) => {
  const { sampler, samples, until } = sampling(t);
  await until(3);
  const before = sampler.record;
  block(100);
  await until(4);
  const { due, taken } = sampler.record;
  assert.ok((samples.at(3)?.lateMs ?? 0) >= 80, `late by ${samples.at(3)?.lateMs}`);
  assert.ok(due - before.due >= 9, `${due - before.due} were due`);
  assert.equal(taken - before.taken, 1);
});

test("startSampler() sees a stall of the event loop, once", async (t) => {
  const { samples, until } = sampling(t);
  await until(5);
  block(150);
  await until(6);
  const delay = samples[5]?.gauges.eventLoopDelayMs ?? 0;
  // the timer was set up to 20 ms before, and its own period is no delay
  assert.ok(delay >= 110, `${delay} ms`);
  await until(10);
  const later = samples.slice(7, 10).map(({ gauges }) => gauges.eventLoopDelayMs ?? Infinity);
  assert.ok(Math.max(...later) < 110, `${later} ms after it`);
});

test("sampleNow() sees a stall that is still going on, and is not counted on the grid", async (t) => {
  const { sampler, until } = sampling(t);
  await until(3);
  const { due, taken } = sampler.record;
  block(150);
  const { gauges, lateMs, phase } = sampler.sampleNow();
  assert.ok((gauges.eventLoopDelayMs ?? 0) >= 110);
  assert.deepEqual([lateMs, phase], [null, "hold"]);
  assert.deepEqual([sampler.record.due, sampler.record.taken], [due, taken]);
});

test("sampleNow() tells a stall once, whoever asks next", async (t) => {
  const { sampler, samples, until } = sampling(t);
  await until(3);
  block(150);
  assert.ok((sampler.sampleNow().gauges.eventLoopDelayMs ?? 0) >= 110);
  const again = sampler.sampleNow().gauges.eventLoopDelayMs ?? Infinity;
  await until(8);
  const later = samples.slice(4).map(({ gauges }) => gauges.eventLoopDelayMs ?? Infinity);
  assert.ok(Math.max(again, ...later) < 110, `${again}, ${later} ms after it`);
});

test("stop() counts the ticks that were swallowed by a stall to the very end", async (t) => {
  const { sampler, until } = sampling(t);
  await until(3);
  block(100);
  sampler.stop();
  const { due, taken } = sampler.record;
  assert.ok(due - taken >= 8, `${taken} of ${due}`);
});

test("forgive() owes none of the ticks that a stall before it has swallowed, and goes on with the grid", async (t) => {
  const { sampler, samples, until } = sampling(t);
  await until(3);
  const { due, taken } = sampler.record;
  block(100);
  sampler.sampleNow();
  sampler.forgive();
  const forgiven = samples.length;
  await until(forgiven + 1);
  // what another process takes of the machine meanwhile is owed
  assert.ok(sampler.record.due - due < 9, `${sampler.record.due - due} were due`);
  assert.equal(sampler.record.taken - taken, 1);
});

test("startSampler() reads the other gauges when one source fails, and keeps the reason", async (t) => {
  const failing: Source = {
    gauges: ["rssBytes", "anonymousBytes"],
    read() {
      throw new Error("EMFILE: too many open files");
    },
    close() {},
  };
  const healthy: Source = { gauges: ["descriptors"], read: () => ({ descriptors: 7 }), close() {} };
  const { sampler, samples, until } = sampling(t, { sources: [failing, healthy] });
  await until(1);
  const { eventLoopDelayMs: _, ...gauges } = samples[0]?.gauges ?? {};
  assert.deepEqual(gauges, { rssBytes: null, anonymousBytes: null, descriptors: 7 });
  assert.deepEqual(
    [...sampler.record.failures],
    [
      ["rssBytes", "EMFILE: too many open files"],
      ["anonymousBytes", "EMFILE: too many open files"],
    ],
  );
});

test("startSampler() records what a tick costs, and nothing before the first", async (t) => {
  const slow: Source = {
    gauges: ["descriptors"],
    read() {
      block(3);
      return { descriptors: 1 };
    },
    close() {},
  };
  const { sampler, until } = sampling(t, { sources: [slow] });
  assert.equal(sampler.record.medianTickMs, null);
  await until(5);
  assert.ok((sampler.record.medianTickMs ?? 0) >= 3);
});

test("stop() ends the samples and closes every source", async () => {
  let closed = 0;
  let taken = 0;
  const source: Source = { gauges: [], read: () => ({}), close: () => closed++ };
  const sampler = startSampler({
    intervalMs: 1,
    sources: [source, source],
    phase: () => "hold",
    loads: () => ({}),
    named: () => ({}),
    onSample: () => taken++,
  });
  sampler.stop();
  // a turn of the event loop in which the first tick would have come
  const { port1, port2 } = new MessageChannel();
  block(5);
  port2.postMessage(null);
  await once(port1, "message");
  port1.close();
  assert.deepEqual([closed, taken], [2, 0]);
});

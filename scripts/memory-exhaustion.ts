#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; GLIBC_TUNABLES=glibc.malloc.hugetlb=1 exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Takes memory step by step up to 85 % of what there is, holds each step, gives it all back. */
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, below, none, unknown, worst } from "../lib/scenario/measure.ts";
import {
  fillingThreads,
  ownMemory,
  peakMemoryShare,
  shareOfThread,
  usedMemory,
} from "../lib/scenario/memory.ts";
import { bytes, duration, list, portion, portionOf, share } from "../lib/scenario/number-options.ts";
import { optional } from "../lib/scenario/option.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import type { LoadOf } from "../lib/stress/load.ts";
import { formatBytes, formatShare, GIB, MIB } from "../lib/units.ts";
import type * as holdMemory from "../workers/hold-memory.ts";

/** A cold page of a virtual machine is fetched from its host: what a level is planned to take, bytes a second. */
const PLANNED_BYTES_PER_SECOND = 0.6 * GIB;

export const scenario = defineScenario({
  summary: "Take memory in steps to 60, 75 and 85 % of what there is, hold each level, let go.",
  group: "exhaustion",
  // huge pages: eight times faster to fill, and what a large server would have
  environment: { GLIBC_TUNABLES: "glibc.malloc.hugetlb=1" },
  options: {
    levels: list(share({ default: "60%", max: "90%", help: "" }), {
      default: "60%,75%,85%",
      ascending: true,
      help: "shares of the effective limit (of the control group, else of the box) to climb to",
    }),
    limit: optional(
      portion({
        default: "100%",
        smoke: "512MiB",
        help: "take no more than this, and levels as shares of it",
      }),
      "none",
    ),
    chunk: bytes({ default: "10MiB", min: "4KiB", help: "written at a time" }),
    hold: duration({ default: "10s", smoke: "1s", help: "how long each level is held" }),
    reachWithin: duration({ default: "30s", help: "how long a level may take to reach" }),
    settle: duration({ default: "10s", smoke: "5s", help: "how long the memory may take to come back" }),
    maxPeak: share({ default: "95%", help: "of the box's memory that may be in use at the peak" }),
    maxKept: share({ default: "20%", help: "of the memory taken that may remain" }),
  },
  plan: ({ levels, limit, hold, settle }, host) => {
    const top = levels.at(-1) ?? 0;
    const whole = limit ? portionOf(limit, host.memoryLimitBytes) : host.memoryLimitBytes;
    const peak = top * whole;
    return {
      durationMs: 1000 + (peak / PLANNED_BYTES_PER_SECOND) * 1000 + levels.length * hold + settle,
      steps: [
        ...levels.map(
          (level) => `take memory up to ${formatShare(level)} of ${formatBytes(whole)}, and hold it`,
        ),
        "give it back",
      ],
      peak: { memoryBytes: peak },
    };
  },

  async run({ options, host, phase, stress, read, until }) {
    const { levels, limit, chunk, hold, reachWithin, settle, maxKept } = options;
    await phase("baseline", { lastsMs: 1000 });
    const before = read();
    const ownBefore = ownMemory(before);
    const whole = limit ? portionOf(limit, host.memoryLimitBytes) : host.memoryLimitBytes;
    const threads = fillingThreads(host);
    const loads: LoadOf<typeof holdMemory>[] = [];
    const reached = [];
    let taken = 0;
    for (const level of levels) {
      const label = formatShare(level);
      // with a limit of the user's own, the levels are shares of that; else of the whole, of which others use some already
      const used = usedMemory(host, read()) ?? taken;
      const amount = limit
        ? Math.max(0, Math.round((level * whole - taken) / threads))
        : shareOfThread(level * whole - used, threads);
      const startedMs = performance.now();
      const load = await stress<typeof holdMemory>("hold-memory", {
        unit: "bytes",
        tasks: Array.from({ length: threads }, () => ({ amount, chunkBytes: chunk })),
      });
      loads.push(load);
      await phase("load", { label, lastsMs: reachWithin }, () => load.acquire());
      taken += amount * threads;
      const own = ownMemory(read());
      const gained = own === null || ownBefore === null ? null : own - ownBefore;
      reached.push({ label, askedBytes: taken, gainedBytes: gained, tookMs: performance.now() - startedMs });
      await phase("hold", { label, lastsMs: hold });
    }
    const outcomes = await phase("recovery", { lastsMs: settle }, async () => {
      const ended = await Promise.all(loads.map((load) => load.release()));
      await until((now) => (ownMemory(now) ?? Infinity) - (ownBefore ?? 0) <= maxKept * taken, settle);
      return ended.flat();
    });
    const ownAfter = ownMemory(read());
    const kept = ownAfter === null || ownBefore === null ? null : ownAfter - ownBefore;
    return { wholeBytes: whole, takenBytes: taken, keptBytes: kept, reached, outcomes };
  },

  invariants: {
    applied: {
      "the kernel saw the memory of each level": ({ evidence }) =>
        worst(
          evidence.reached.map(({ label, askedBytes, gainedBytes }) => [
            label,
            // page tables, buffers and the collector move a few MiB under us
            askedBytes === 0
              ? unknown("that much was in use before")
              : atLeast(gainedBytes, askedBytes * 0.98 - 8 * MIB, "bytes"),
          ]),
        ),
    },
    held: {
      "each level was reached within {reachWithin}": ({ evidence, options }) =>
        worst(
          evidence.reached.map(({ label, tookMs }) => [label, atMost(tookMs, options.reachWithin, "ms")]),
        ),
      "memory was refused nowhere before its level": ({ evidence }) => {
        const refused = evidence.outcomes.flatMap((outcome) => {
          if (outcome.ended !== "released" || outcome.applied.refusedBy === null) return [];
          return [`${outcome.applied.refusedBy} after ${formatBytes(outcome.applied.writtenBytes)}`];
        });
        return none(refused, evidence.outcomes.length, "threads");
      },
      "at most {maxPeak} of the box's memory was in use": ({ windows, host, options }) =>
        below(peakMemoryShare(host, windows.all), options.maxPeak, "share"),
    },
    recovered: {
      "at most {maxKept} of the memory taken remained": ({ evidence: { keptBytes, takenBytes }, options }) =>
        atMost(keptBytes === null ? null : Math.max(0, keptBytes / takenBytes), options.maxKept, "share", [
          `${formatBytes(keptBytes ?? 0)} of ${formatBytes(takenBytes)}`,
        ]),
    },
  },
});

await main(import.meta, scenario);

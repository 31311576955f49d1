#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Allocates and frees chunks of mixed sizes in random order, round after round: the holes must not add up. */
import { main } from "../lib/scenario/main.ts";
import { atLeast, below, none, unknown } from "../lib/scenario/measure.ts";
import { ownMemory } from "../lib/scenario/memory.ts";
import { bytes, count, duration } from "../lib/scenario/number-options.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { maximum } from "../lib/stats/summary.ts";
import { fitTheilSen } from "../lib/stats/theil-sen.ts";
import { formatBytes, GIB } from "../lib/units.ts";
import type * as fragmentMemory from "../workers/fragment-memory.ts";

/** A round is planned to allocate and free so much a second: malloc, fill, free, one thread. */
const PLANNED_BYTES_PER_SECOND = 0.5 * GIB;

export const scenario = defineScenario({
  summary: "Allocate and free mixed chunks in random order for several rounds: no growth, little kept.",
  group: "exhaustion",
  options: {
    rounds: count({ default: "10", smoke: "8", min: "8", help: "rounds of allocating and freeing" }),
    live: bytes({ default: "256MiB", smoke: "64MiB", min: "1MiB", help: "alive at the peak of a round" }),
    minChunk: bytes({ default: "1KiB", min: "1", help: "smallest chunk" }),
    maxChunk: bytes({ default: "256KiB", min: "1", help: "largest chunk" }),
    settle: duration({
      default: "1s",
      smoke: "300ms",
      help: "how long memory may take to come back after a round",
    }),
    maxKept: bytes({ default: "50MB", help: "memory that may be in use at any peak beyond what is alive" }),
    maxGrowth: bytes({ default: "1MiB", help: "growth from round to round that counts as none" }),
  },
  contradictions: ({ minChunk, maxChunk }) =>
    minChunk > maxChunk
      ? [
          `Cannot mix chunks: expected --min-chunk to be at most --max-chunk, got ${minChunk} and ${maxChunk} bytes`,
        ]
      : [],
  plan: ({ rounds, live, settle }) => ({
    durationMs: 1000 + rounds * (500 + settle + (live / PLANNED_BYTES_PER_SECOND) * 2000),
    steps: [
      `${rounds} times: take ${formatBytes(live)} in mixed chunks, free half, fill the holes, free all`,
    ],
    peak: { memoryBytes: live },
  }),

  async run({ options, seed, phase, stress, read }) {
    const { rounds, live, minChunk, maxChunk, settle } = options;
    await phase("baseline", { lastsMs: 1000 });
    const before = ownMemory(read());
    const done = [];
    for (let round = 1; round <= rounds; round++) {
      const label = `round ${round}`;
      const load = await stress<typeof fragmentMemory>("fragment-memory", {
        unit: "bytes",
        tasks: [{ amount: live, minChunkBytes: minChunk, maxChunkBytes: maxChunk, seed: seed + round }],
      });
      await phase("load", { label, lastsMs: (live / PLANNED_BYTES_PER_SECOND) * 2000 }, () => load.acquire());
      const gainedBytes = difference(ownMemory(read()), before);
      const [outcome] = await phase("hold", { label, lastsMs: 0 }, () => load.release());
      await phase("recovery", { label, lastsMs: settle });
      done.push({ outcome, gainedBytes, keptBytes: difference(ownMemory(read()), before) });
    }
    return done;
  },

  invariants: {
    applied: {
      "the kernel saw the chunks of every round": ({ evidence, options }) => {
        const gained = evidence.map(({ gainedBytes }) => gainedBytes ?? Number.NaN);
        return atLeast(Math.min(...gained), options.live * 0.95, "bytes");
      },
    },
    held: {
      "memory was refused nowhere": ({ evidence }) => {
        const refused = evidence.flatMap(({ outcome }, index) => {
          if (outcome?.ended !== "released" || outcome.applied.refusedBy === null) return [];
          return [`${outcome.applied.refusedBy} in round ${index + 1}`];
        });
        return none(refused, evidence.length, "rounds");
      },
    },
    recovered: {
      "less than {maxKept} was kept that later rounds could not use": ({ evidence, options }) =>
        below(maximum(lost(evidence, options.live)), options.maxKept, "bytes", [
          `in use after each round, free for the next one: ${tellBytes(evidence.map(({ keptBytes }) => keptBytes))}`,
        ]),
      "it did not grow from round to round by {maxGrowth}": ({ evidence, options }) => {
        const rounds = lost(evidence, options.live).map((bytes, round) => [round, bytes] as const);
        // the first rounds warm the allocator up; six are left at least, as four in ascending order say nothing (1 in 24)
        const trend = fitTheilSen(rounds.slice(Math.floor(rounds.length / 3)));
        if (!trend) return unknown("too few rounds to see growth");
        // growth is what the whole interval agrees on
        return below(trend.low, options.maxGrowth, "bytes", [
          `${formatBytes(trend.slope)} a round, 98 % interval ${formatBytes(trend.low)} to ${formatBytes(trend.high)}`,
          `beyond what was alive, at each peak: ${tellBytes(rounds.map(([, bytes]) => bytes))}`,
        ]);
      },
    },
  },
});

/**
 * What each round had in use at its peak beyond what was alive: the holes that it could not fill, and a worker's own few
 * MiB. What an allocator merely has not given back to the kernel (glibc trims only the top of an arena) is used again.
 */
function lost(rounds: readonly { gainedBytes: number | null }[], liveBytes: number): number[] {
  return rounds.flatMap(({ gainedBytes }) =>
    gainedBytes === null ? [] : [Math.max(0, gainedBytes - liveBytes)],
  );
}

function tellBytes(all: readonly (number | null)[]): string {
  return all.map((bytes) => (bytes === null ? "?" : formatBytes(bytes))).join(", ");
}

function difference(after: number | null, before: number | null): number | null {
  return after === null || before === null ? null : after - before;
}

await main(import.meta, scenario);

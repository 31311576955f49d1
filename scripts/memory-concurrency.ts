#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Lets more and more workers take memory at the same moment: each must get its share, and give it back. */
import { main } from "../lib/scenario/main.ts";
import { atLeast, below, within, worst } from "../lib/scenario/measure.ts";
import { ownMemory } from "../lib/scenario/memory.ts";
import { bytes, count, duration, list, share } from "../lib/scenario/number-options.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { formatBytes } from "../lib/units.ts";
import type * as holdMemory from "../workers/hold-memory.ts";

export const scenario = defineScenario({
  summary:
    "Let 1, 2, 4 and 8 workers take memory at once: each gets its share, and memory scales with workers.",
  group: "exhaustion",
  options: {
    workers: list(count({ default: "1", min: "1", max: "256", help: "" }), {
      default: "1,2,4,8",
      ascending: true,
      help: "how many workers at once, in turn",
    }),
    share: bytes({ default: "100MiB", smoke: "40MiB", min: "1MiB", help: "what each worker takes" }),
    chunk: bytes({ default: "5MiB", min: "4KiB", help: "written at a time" }),
    hold: duration({ default: "2s", smoke: "300ms", help: "how long they hold it" }),
    settle: duration({ default: "5s", smoke: "2s", help: "how long the memory may take to come back" }),
    minReached: share({ default: "50%", help: "of the workers that must reach their share" }),
    tolerance: share({ default: "10%", help: "how far memory may be from workers times share" }),
    ownMemory: bytes({ default: "24MiB", help: "what a worker may need for itself" }),
    maxKept: bytes({ default: "10MB", help: "memory that may be kept for each worker" }),
  },
  plan: ({ workers, share: each, hold, settle }) => ({
    durationMs: 1000 + workers.reduce((sum, number) => sum + number * 300 + hold, 0) + settle,
    steps: workers.map((number) => `${number} workers take ${formatBytes(each)} each, hold it, give it back`),
    peak: { memoryBytes: (workers.at(-1) ?? 0) * each },
  }),

  async run({ options, phase, stress, read, until }) {
    const { workers, share: each, chunk, hold, settle, maxKept } = options;
    await phase("baseline", { lastsMs: 1000 });
    // what the first threads of a process leave behind is the runtime's, and used again by the next ones
    const first = await stress<typeof holdMemory>("hold-memory", {
      unit: "bytes",
      tasks: Array.from({ length: workers.at(-1) ?? 1 }, () => ({ amount: chunk, chunkBytes: chunk })),
    });
    await phase("warm-up", { lastsMs: 100 }, () => first.acquire().then(() => first.release()));
    const steps = [];
    for (const number of workers) {
      const label = `${number} workers`;
      const before = ownMemory(read());
      const load = await stress<typeof holdMemory>("hold-memory", {
        unit: "bytes",
        tasks: Array.from({ length: number }, () => ({ amount: each, chunkBytes: chunk })),
      });
      await phase("load", { label, lastsMs: number * 300 }, () => load.acquire());
      const peak = ownMemory(read());
      await phase("hold", { label, lastsMs: hold });
      const outcomes = await phase("recovery", { label, lastsMs: settle }, async () => {
        const ended = await load.release();
        await until((now) => (ownMemory(now) ?? Infinity) - (before ?? 0) < maxKept * number, settle);
        return ended;
      });
      const after = ownMemory(read());
      const reached = outcomes.filter(({ ended, held }) => ended === "released" && held >= each).length;
      steps.push({ number, label, reached, before, peak, after });
    }
    return steps;
  },

  invariants: {
    applied: {
      "at least {minReached} of the workers reached their share": ({ evidence, options }) =>
        worst(
          evidence.map(({ label, reached, number }) => [
            label,
            atLeast(reached / number, options.minReached, "share"),
          ]),
        ),
      "memory grew in step with the workers, within {tolerance} and {ownMemory} for each worker itself": ({
        evidence,
        options,
      }) =>
        worst(
          evidence.map(({ label, number, before, peak }) => {
            const gained = peak === null || before === null ? null : (peak - before) / number;
            // between a share with nothing beside it and a share with the worker's own heap
            const middle = options.share + options.ownMemory / 2;
            return [
              label,
              within(gained, middle, options.ownMemory / 2 + options.share * options.tolerance, "bytes"),
            ];
          }),
        ),
    },
    held: {},
    recovered: {
      "less than {maxKept} was kept for each worker": ({ evidence, options }) =>
        worst(
          evidence.map(({ label, number, before, after }) => {
            const kept = after === null || before === null ? null : (after - before) / number;
            return [label, below(kept, options.maxKept, "bytes")];
          }),
        ),
    },
  },
});

await main(import.meta, scenario);

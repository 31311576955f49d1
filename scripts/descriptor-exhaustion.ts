#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Holds almost every descriptor that this process may open, then lets go: all must come back. */
import { closeSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { descriptorCeiling, refuseHeadroom } from "../lib/scenario/descriptors.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, none } from "../lib/scenario/measure.ts";
import { count, duration } from "../lib/scenario/number-options.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { choice } from "../lib/scenario/text-options.ts";
import { readings } from "../lib/scenario/windows.ts";
import type * as holdDescriptors from "../workers/hold-descriptors.ts";

/** Slower than any machine that we know. */
const PLANNED_PER_SECOND = { file: 50_000, pipe: 50_000, socket: 4000 };

export const scenario = defineScenario({
  summary: "Hold almost every file descriptor the process may open, then let go.",
  group: "exhaustion",
  options: {
    kind: choice(["file", "socket", "pipe"], { default: "file", help: "what to open" }),
    headroom: count({ default: "64", help: "descriptors left to everything else; 0: until EMFILE" }),
    most: count({ default: "100000", min: "100", help: "open no more than this, however high the limit is" }),
    hold: duration({ default: "10s", smoke: "1s", help: "how long they stay open" }),
    settle: duration({ default: "5s", smoke: "2s", help: "how long they may take to come back" }),
    maxKept: count({ default: "20", help: "descriptors that may not come back" }),
  },
  requires: ({ platform, descriptorLimit }) =>
    platform !== "linux" || descriptorLimit === null ? "needs /proc to count descriptors" : null,
  contradictions: ({ headroom }, host) => refuseHeadroom(host, headroom),
  plan: ({ kind, headroom, most, hold, settle }, host) => {
    const ceiling = descriptorCeiling(host, headroom, most);
    return {
      durationMs: 1000 + 2000 + (ceiling / PLANNED_PER_SECOND[kind]) * 1000 + hold + settle,
      steps: [
        `open ${kind} descriptors up to ${ceiling} (the limit is ${host.descriptorLimit})`,
        "hold, then close them",
      ],
      peak: { descriptors: ceiling },
    };
  },

  async run({ options, host, phase, stress, read, until, temporaryFolder }) {
    const { kind, headroom, most, hold, settle, maxKept } = options;
    const goal = descriptorCeiling(host, headroom, most);
    const folder = temporaryFolder(tmpdir());
    await phase("baseline", { lastsMs: 1000 });
    const before = read().descriptors ?? null;
    // with no headroom more is asked than can be had: it is the kernel that says stop
    const ceiling = headroom === 0 && goal === host.descriptorLimit ? Infinity : goal;
    const load = await stress<typeof holdDescriptors>("hold-descriptors", {
      unit: "count",
      tasks: [{ amount: Math.min(goal, ceiling - (before ?? 0)), ceiling, kind, folder }],
    });
    await phase("load", { lastsMs: 2000 }, () => load.acquire());
    const peak = read().descriptors ?? null;
    await phase("hold", { lastsMs: hold });
    const [outcome] = await phase("recovery", { lastsMs: settle }, async () => {
      const ended = await load.release();
      await until(({ descriptors }) => (descriptors ?? Infinity) <= (before ?? 0) + maxKept, settle);
      return ended;
    });
    return { goal, before, peak, after: read().descriptors ?? null, canOpen: tryToOpen(), outcome };
  },

  invariants: {
    applied: {
      "descriptors were taken up to the limit less {headroom}, or up to {most}": ({ evidence }) =>
        // a thread for the pool and a pair of sockets can go unopened at the very end
        atLeast(evidence.peak, evidence.goal - 3, "count", describe(evidence.outcome)),
    },
    held: {
      "sampling never went blind": ({ windows }) => {
        const held = windows.of("hold");
        const seen = readings(held, "descriptors").length;
        return none(
          held.length === seen
            ? []
            : [`${held.length - seen} of ${held.length} samples could not count descriptors`],
          held.length,
          "samples",
        );
      },
    },
    recovered: {
      "at most {maxKept} descriptors did not come back": ({ evidence: { before, after }, options }) =>
        atMost(
          before === null || after === null ? null : Math.max(0, after - before),
          options.maxKept,
          "count",
          [`${before} before, ${after} after`],
        ),
      "a file can be opened afterwards": ({ evidence }) =>
        none(evidence.canOpen ? [evidence.canOpen] : [], 1, "files"),
    },
  },
});

function describe(outcome: unknown): string[] {
  return outcome ? [JSON.stringify(outcome)] : [];
}

/** What refuses a new descriptor, or null. */
function tryToOpen(): string | null {
  try {
    closeSync(openSync("/dev/null", "r"));
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

await main(import.meta, scenario);

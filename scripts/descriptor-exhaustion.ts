#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Holds almost every descriptor that this process may open, then lets go: all must come back. */
import { closeSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, none } from "../lib/scenario/measure.ts";
import { count, duration } from "../lib/scenario/number-options.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { choice } from "../lib/scenario/text-options.ts";
import { readings } from "../lib/scenario/windows.ts";
import type * as holdDescriptors from "../workers/hold-descriptors.ts";

/** What the process holds before the load: pool, report and /proc handles. Below that many there is nothing to exhaust. */
const OWN_DESCRIPTORS = 100;

export const scenario = defineScenario({
  summary: "Hold almost every file descriptor the process may open, then let go.",
  group: "exhaustion",
  options: {
    kind: choice(["file", "socket", "pipe"], { default: "file", help: "what to open" }),
    headroom: count({ default: "64", help: "descriptors left to everything else; 0: until EMFILE" }),
    hold: duration({ default: "10s", smoke: "1s", help: "how long they stay open" }),
    settle: duration({ default: "5s", smoke: "2s", help: "how long they may take to come back" }),
    maxKept: count({ default: "20", help: "descriptors that may not come back" }),
  },
  requires: ({ platform, descriptorLimit }) =>
    platform !== "linux" || descriptorLimit === null ? "needs /proc to count descriptors" : null,
  contradictions: ({ headroom }, { descriptorLimit }) =>
    descriptorLimit !== null && headroom + OWN_DESCRIPTORS > descriptorLimit
      ? [
          `Cannot leave --headroom ${headroom}: expected at most ${descriptorLimit - OWN_DESCRIPTORS} under this process's limit of ${descriptorLimit}`,
        ]
      : [],
  plan: ({ kind, headroom, hold, settle }, { descriptorLimit }) => ({
    durationMs: 1000 + 2000 + hold + settle,
    steps: [
      `open ${kind} descriptors up to ${headroom} below the limit of ${descriptorLimit}`,
      "hold, then close them",
    ],
    peak: { descriptors: (descriptorLimit ?? 0) - headroom },
  }),

  async run({ options, host, phase, stress, read, until, temporaryFolder }) {
    const { kind, headroom, hold, settle, maxKept } = options;
    const limit = host.descriptorLimit ?? 0;
    const folder = temporaryFolder(tmpdir());
    await phase("baseline", { lastsMs: 1000 });
    const before = read().descriptors ?? null;
    // more than can be had, so that with no headroom it is the kernel that says stop
    const ceiling = headroom === 0 ? Infinity : limit - headroom;
    const load = await stress<typeof holdDescriptors>("hold-descriptors", {
      unit: "count",
      tasks: [{ amount: Math.min(limit, ceiling - (before ?? 0)), ceiling, kind, folder }],
    });
    await phase("load", { lastsMs: 2000 }, () => load.acquire());
    const peak = read().descriptors ?? null;
    await phase("hold", { lastsMs: hold });
    const [outcome] = await phase("recovery", { lastsMs: settle }, async () => {
      const ended = await load.release();
      await until(({ descriptors }) => (descriptors ?? Infinity) <= (before ?? 0) + maxKept, settle);
      return ended;
    });
    return { limit, before, peak, after: read().descriptors ?? null, canOpen: tryToOpen(), outcome };
  },

  invariants: {
    applied: {
      "descriptors were taken up to the limit, less {headroom}": ({ evidence, options }) =>
        // a thread for the pool and a pair of sockets can go unopened at the very end
        atLeast(evidence.peak, evidence.limit - options.headroom - 3, "count", describe(evidence.outcome)),
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

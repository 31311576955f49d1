/** Fills a folder with entries, then removes them: listing it stays fast, and all of them go. */
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { atLeast, atMost, count, defineScenario, duration, main } from "proofload";
import type * as makeEntries from "./workers/make-entries.ts";

export const scenario = defineScenario({
  summary: "Fill a folder with entries, then remove them: listing it stays fast.",
  group: "exhaustion",
  options: {
    entries: count({ default: "10000", smoke: "500", min: "1", help: "how many to make" }),
    hold: duration({ default: "5s", smoke: "500ms", help: "how long they stay" }),
    maxListing: duration({ default: "1s", help: "how long listing them may take" }),
  },
  plan: ({ entries, hold }) => ({
    durationMs: 2000 + hold,
    steps: [`make ${entries} entries, list them, remove them`],
    peak: {},
  }),

  async run({ options, phase, stress, temporaryFolder }) {
    const folder = temporaryFolder(tmpdir());
    await phase("baseline", { lastsMs: 500 });
    const load = await stress<typeof makeEntries>("make-entries", {
      unit: "count",
      tasks: [{ amount: options.entries, folder }],
    });
    await phase("load", { lastsMs: 500 }, () => load.acquire());
    const made = load.held;
    const startedMs = performance.now();
    readdirSync(folder);
    const listingMs = performance.now() - startedMs;
    await phase("hold", { lastsMs: options.hold });
    await phase("recovery", { lastsMs: 500 }, () => load.release());
    return { made, listingMs, left: readdirSync(folder).length };
  },

  invariants: {
    applied: {
      "all {entries} entries were made": ({ evidence, options }) =>
        atLeast(evidence.made, options.entries, "count"),
    },
    held: {
      "listing them took at most {maxListing}": ({ evidence, options }) =>
        atMost(evidence.listingMs, options.maxListing, "ms"),
    },
    recovered: {
      "no entry is left": ({ evidence }) => atMost(evidence.left, 0, "count"),
    },
  },
});

await main(import.meta, scenario);

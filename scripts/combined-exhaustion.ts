#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; GLIBC_TUNABLES=glibc.malloc.hugetlb=1 exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Exhausts memory, processors and descriptors at the same time: the basics must go on, and everything come back. */
import { tmpdir } from "node:os";
import { BASICS, type BasicsRecord, tryBasics } from "../lib/host/basics.ts";
import type { Readings } from "../lib/host/gauges.ts";
import { descriptorCeiling, refuseHeadroom } from "../lib/scenario/descriptors.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, below, type Measure, none } from "../lib/scenario/measure.ts";
import { fillingThreads, ownMemory, peakMemoryShare, usedMemory } from "../lib/scenario/memory.ts";
import { count, duration, portion, portionOf, share } from "../lib/scenario/number-options.ts";
import { optional } from "../lib/scenario/option.ts";
import { ownBusyShare } from "../lib/scenario/sampling.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { formatBytes, formatShare, GIB, MIB } from "../lib/units.ts";
import type * as burnCpu from "../workers/burn-cpu.ts";
import type * as holdDescriptors from "../workers/hold-descriptors.ts";
import type * as holdMemory from "../workers/hold-memory.ts";

const PLANNED_BYTES_PER_SECOND = 0.6 * GIB;
/** As descriptor-exhaustion allows. */
const MAX_DESCRIPTORS_KEPT = 20;
const RESOURCES = ["memory", "processors", "descriptors"] as const;

export const scenario = defineScenario({
  summary: "Exhaust memory, processors and descriptors together: the basics go on, everything comes back.",
  group: "exhaustion",
  environment: { GLIBC_TUNABLES: "glibc.malloc.hugetlb=1" },
  options: {
    memory: share({ default: "75%", max: "90%", help: "of the effective memory limit to have in use" }),
    limit: optional(
      portion({ default: "100%", smoke: "512MiB", help: "take the share of this much memory" }),
      "none",
    ),
    headroom: count({ default: "64", min: "32", help: "descriptors left to the basics, sampler and report" }),
    most: count({ default: "100000", min: "100", help: "open no more than this, however high the limit is" }),
    hold: duration({
      default: "20s",
      smoke: "2s",
      profile: "stressDuration",
      help: "how long all of it lasts",
    }),
    settle: duration({ default: "10s", smoke: "5s", help: "how long everything may take to come back" }),
    minRecovered: share({
      default: "67%",
      help: "of the stressors that must let go and give back what they took",
    }),
    exhausted: share({ default: "95%", help: "of what was asked for that counts as exhausted" }),
    maxPeak: share({ default: "95%", help: "of the box's memory that may be in use at the peak" }),
  },
  requires: ({ platform, descriptorLimit }) =>
    platform !== "linux" || descriptorLimit === null ? "needs /proc to see what was exhausted" : null,
  contradictions: ({ headroom }, host) => refuseHeadroom(host, headroom),
  plan: ({ memory, limit, headroom, most, hold, settle }, host) => {
    const bytes = memory * (limit ? portionOf(limit, host.memoryLimitBytes) : host.memoryLimitBytes);
    return {
      durationMs: 1500 + (bytes / PLANNED_BYTES_PER_SECOND) * 1000 + hold + settle,
      steps: [
        `take ${formatBytes(bytes)} of memory, every core, and all descriptors but ${headroom}, at once`,
        "try the basics meanwhile, let go, try them again",
      ],
      peak: {
        memoryBytes: bytes,
        cores: host.allowedCpus.length,
        descriptors: descriptorCeiling(host, headroom, most),
      },
    };
  },

  async run({ options, host, phase, stress, read, until, temporaryFolder }) {
    const { memory, limit, headroom, most, hold, settle } = options;
    const folder = temporaryFolder(tmpdir());
    await phase("baseline", { lastsMs: 1000 });
    const before = read();
    const whole = limit ? portionOf(limit, host.memoryLimitBytes) : host.memoryLimitBytes;
    const bytes = Math.max(0, memory * whole - (limit ? 0 : (usedMemory(host, before) ?? 0)));
    const cores = host.allowedCpus.length;
    const ceiling = descriptorCeiling(host, headroom, most);
    const burn = await stress<typeof burnCpu>("burn-cpu", {
      unit: "share",
      tasks: Array.from({ length: cores }, () => ({ amount: 1 })),
    });
    const fill = await stress<typeof holdMemory>("hold-memory", {
      unit: "bytes",
      tasks: Array.from({ length: fillingThreads(host) }, () => ({
        amount: Math.round(bytes / fillingThreads(host)),
        chunkBytes: 10 * MIB,
      })),
    });
    const open = await stress<typeof holdDescriptors>("hold-descriptors", {
      unit: "count",
      tasks: [
        {
          amount: ceiling - (before.descriptors ?? 0),
          ceiling,
          kind: "file",
          folder,
        },
      ],
    });
    const ready = read();
    const loads = { memory: fill, processors: burn, descriptors: open };
    await phase("load", { lastsMs: (bytes / PLANNED_BYTES_PER_SECOND) * 1000 }, () =>
      Promise.all(Object.values(loads).map((load) => load.acquire())),
    );
    const full = read();
    const during = await phase("hold", { label: "basics", lastsMs: 1000 }, () => tryBasics(folder));
    await phase("hold", { label: "all", lastsMs: hold });
    const cameBack = judgeReturn(before, bytes);
    const stressors = await phase("recovery", { lastsMs: settle }, async () => {
      const ended = await Promise.all(RESOURCES.map((resource) => loads[resource].release()));
      await until((now) => RESOURCES.every((resource) => cameBack[resource](now)), settle);
      const now = read();
      return RESOURCES.map((resource, index) => ({
        resource,
        threads: ended[index]?.length ?? 0,
        released: ended[index]?.filter((outcome) => outcome.ended === "released").length ?? 0,
        cameBack: cameBack[resource](now),
      }));
    });
    return {
      asked: { bytes, cores, descriptors: ceiling },
      gained: {
        bytes: (ownMemory(full) ?? 0) - (ownMemory(ready) ?? 0),
        descriptors: full.descriptors ?? null,
      },
      stressors,
      during,
      after: await tryBasics(folder),
    };
  },

  invariants: {
    applied: {
      "at least one resource was truly exhausted: {exhausted} of what was asked for": ({
        evidence,
        windows,
        options,
      }) => {
        const { asked, gained } = evidence;
        const shares = {
          // a box that was full before has none left to take
          memory: asked.bytes === 0 ? 1 : gained.bytes / asked.bytes,
          processors: ownBusyShare(windows.of("hold", "all")) ?? 0,
          descriptors: (gained.descriptors ?? 0) / asked.descriptors,
        };
        const told = Object.entries(shares).map(([resource, part]) => `${resource}: ${formatShare(part)}`);
        return atLeast(Math.max(...Object.values(shares)), options.exhausted, "share", told);
      },
    },
    held: {
      "the basics worked during the load": ({ evidence }) => judgeBasics(evidence.during),
      "at most {maxPeak} of the box's memory was in use": ({ windows, host, options }) =>
        below(peakMemoryShare(host, windows.all), options.maxPeak, "share"),
    },
    recovered: {
      "at least {minRecovered} of the stressors let go and gave back what they took": ({
        evidence: { stressors },
        options,
      }) => {
        const recovered = stressors.filter(
          ({ cameBack, released, threads }) => cameBack && released === threads,
        );
        const told = stressors.map(
          ({ resource, cameBack, released, threads }) =>
            `${resource}: ${released} of ${threads} threads let go, ${cameBack ? "all came back" : "not all came back"}`,
        );
        return atLeast(recovered.length / stressors.length, options.minRecovered, "share", told);
      },
      "the basics worked afterwards": ({ evidence }) => judgeBasics(evidence.after),
    },
  },
});

/** Whether what was taken is free again, but for what a pool's threads leave behind. Processors are, once their threads ended. */
function judgeReturn(before: Readings, takenBytes: number) {
  const keptBytes = Math.max(0.2 * takenBytes, 64 * MIB);
  return {
    memory: (now: Readings) => (ownMemory(now) ?? Infinity) - (ownMemory(before) ?? 0) <= keptBytes,
    descriptors: (now: Readings) =>
      (now.descriptors ?? Infinity) - (before.descriptors ?? 0) <= MAX_DESCRIPTORS_KEPT,
    processors: (_now: Readings) => true,
  };
}

function judgeBasics(record: BasicsRecord): Measure {
  const refused = BASICS.flatMap((basic) => {
    const result = record[basic];
    return "refusedBy" in result ? [`${basic}: ${result.refusedBy}`] : [];
  });
  return none(refused, BASICS.length, "basics");
}

await main(import.meta, scenario);

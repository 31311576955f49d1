#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Holds almost every descriptor that this process may open, or that a server may, then lets go: all must come back. */
import { closeSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { clientOptions, headersOf } from "../lib/scenario/client-options.ts";
import { descriptorCeiling, refuseHeadroom, refuseTarget, targetLimit } from "../lib/scenario/descriptors.ts";
import { exhaustTarget, type TargetExhausted } from "../lib/scenario/exhaust-target.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, type Measure, none, skipped, so, unknown } from "../lib/scenario/measure.ts";
import { count, duration } from "../lib/scenario/number-options.ts";
import { type Context, defineScenario } from "../lib/scenario/scenario.ts";
import { choice } from "../lib/scenario/text-options.ts";
import { readings } from "../lib/scenario/windows.ts";
import { formatDuration } from "../lib/units.ts";
import type * as holdDescriptors from "../workers/hold-descriptors.ts";

/** Slower than any machine that we know. */
const PLANNED_PER_SECOND = { file: 50_000, pipe: 50_000, socket: 4000 };
/** Connections to a target, and the rounds at its limit. */
const PLANNED_CONNECTIONS_PER_SECOND = 1000;
const PLANNED_ROUNDS_MS = 6000;

const options = {
  kind: choice(["file", "socket", "pipe"], { default: "file", help: "what to open" }),
  headroom: count({ default: "64", help: "descriptors left to everything else; 0: until EMFILE" }),
  most: count({ default: "100000", min: "100", help: "open no more than this, however high the limit is" }),
  targetDescriptors: count({
    default: "256",
    min: "64",
    help: "limit of open files that a target is started under; one that runs already keeps its own",
  }),
  targetHeadroom: count({
    default: "40",
    help: "so many of them may be left when it takes no more: servers keep a reserve, redis 32",
  }),
  hold: duration({ default: "10s", smoke: "1s", help: "how long they stay open" }),
  settle: duration({ default: "5s", smoke: "2s", help: "how long they may take to come back" }),
  maxKept: count({ default: "20", help: "descriptors that may not come back" }),
  ...clientOptions,
};
type Exhaustion = typeof options;

export const scenario = defineScenario({
  summary: "Hold almost every file descriptor the process, or a target, may open, then let go.",
  group: "exhaustion",
  options,
  target: {
    role: "beside",
    headers: headersOf,
    start: ({ targetDescriptors }) => ({ descriptorLimit: targetDescriptors }),
    mayRefuse: true,
  },
  requires: ({ platform, descriptorLimit }) =>
    platform !== "linux" || descriptorLimit === null ? "needs /proc to count descriptors" : null,
  contradictions: (values, host, given, target) =>
    target ? refuseTarget(values, host, given, target) : refuseHeadroom(host, values.headroom),
  plan: ({ kind, headroom, most, targetDescriptors, hold, settle }, host, target) => {
    const ceiling = target
      ? (targetLimit(targetDescriptors, target.pid) ?? 0)
      : descriptorCeiling(host, headroom, most);
    const pace = target ? PLANNED_CONNECTIONS_PER_SECOND : PLANNED_PER_SECOND[kind];
    const rest = target ? PLANNED_ROUNDS_MS : 2000;
    return {
      durationMs: 1000 + rest + (ceiling / pace) * 1000 + hold + settle,
      steps: target
        ? [
            `hold connections to ${target.name} until it takes no more (its limit is ${ceiling})`,
            "hold, then close them, and see it recover",
          ]
        : [
            `open ${kind} descriptors up to ${ceiling} (the limit is ${host.descriptorLimit})`,
            "hold, then close them",
          ],
      peak: { descriptors: ceiling },
    };
  },

  async run(context) {
    const { hold: holdMs, settle: settleMs, most, targetHeadroom } = context.options;
    return context.target.spec
      ? {
          own: null,
          target: await exhaustTarget(context, {
            ...{ headers: headersOf(context.options), holdMs, settleMs },
            ...{ most, maxKept: targetHeadroom },
          }),
        }
      : { own: await exhaustOwn(context), target: null };
  },

  invariants: {
    applied: {
      "descriptors were taken up to the limit less {headroom}, or up to {most}": ({ evidence: { own } }) =>
        own
          ? // a thread for the pool and a pair of sockets can go unopened at the very end
            atLeast(own.peak, own.goal - 3, "count", describe(own.outcome))
          : OF_TARGET,
      "the target's descriptors reached its own limit less {targetHeadroom}": ({
        evidence: { target },
        options,
      }) => (target ? judgeReached(target, options.targetHeadroom) : OF_OWN),
    },
    held: {
      "sampling never went blind": ({ windows, evidence }) => {
        const held = windows.of("hold");
        const gauge = evidence.own ? "descriptors" : "targetDescriptors";
        const blind = held.length - readings(held, gauge).length;
        if (!evidence.own && blind > 0) return unknown("the target was not there to be counted");
        return none(
          blind === 0 ? [] : [`${blind} of ${held.length} samples could not count descriptors`],
          held.length,
          "samples",
        );
      },
    },
    recovered: {
      "at most {maxKept} descriptors did not come back": ({ evidence: { own }, options }) => {
        if (!own) return OF_TARGET;
        const { before, after } = own;
        const more = before === null || after === null ? null : Math.max(0, after - before);
        return atMost(more, options.maxKept, "count", [`${before} before, ${after} after`]);
      },
      "a file can be opened afterwards": ({ evidence: { own } }) =>
        own ? none(own.canOpen ? [own.canOpen] : [], 1, "files") : OF_TARGET,
      "the target served a new connection within {settle} of the others' end": ({ evidence: { target } }) => {
        if (!target) return OF_OWN;
        const { newConnection, servedAfterMs } = target;
        const measured = newConnection ?? `after ${formatDuration(servedAfterMs ?? 0)}`;
        return so(newConnection === null, measured, "served");
      },
    },
  },
});

const OF_TARGET = skipped("the target's descriptors were taken, not ours");
const OF_OWN = skipped("no target was given");

async function exhaustOwn({
  options,
  host,
  phase,
  stress,
  read,
  until,
  temporaryFolder,
}: Context<Exhaustion>) {
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
}

function judgeReached({ peak, ...more }: TargetExhausted, headroom: number): Measure {
  if (peak === null) return unknown("its descriptors could not be counted");
  return atLeast(peak.descriptors, peak.limit - headroom, "count", describeAtLimit({ peak, ...more }));
}

/** What it did when there were no more. */
function describeAtLimit(exhausted: TargetExhausted): string[] {
  const { peak, webSockets, plain, neverAccepted, refused, failed, closed, refusedBy, said } = exhausted;
  const tell = (what: string, tally: Readonly<Record<string, number>>) =>
    Object.entries(tally).map(([kind, times]) => `${what}: ${times} × ${kind}`);
  return [
    peak ? `${peak.descriptors} of the ${peak.limit} that pid ${peak.pid} may have` : "",
    `held: ${webSockets} WebSocket clients and ${plain} connections that said nothing`,
    neverAccepted > 0 ? `never accepted: ${neverAccepted} connections, left in its queue` : "",
    ...tell("refused", refused),
    ...tell("failed", failed),
    ...tell("closed by it", closed),
    refusedBy === null ? "" : `no more could be tried: ${refusedBy} of this process`,
    ...said.map((line) => `it said: ${line}`),
  ].filter(Boolean);
}

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

#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Keeps every core 70, 90 and 100 % busy in turn, and sees the box come to rest again. */
import type { HostFacts } from "../lib/host/facts.ts";
import type { Readings, Sample } from "../lib/host/gauges.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, below, unknown, within, worst } from "../lib/scenario/measure.ts";
import { count, duration, list, share } from "../lib/scenario/number-options.ts";
import { optional } from "../lib/scenario/option.ts";
import { busyShare, ownBusyShare } from "../lib/scenario/sampling.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { increase } from "../lib/scenario/windows.ts";
import { formatDuration, formatShare } from "../lib/units.ts";
import type * as burnCpu from "../workers/burn-cpu.ts";

/** Threads start and compile, and the loop catches up with what it owes: not yet the load that was asked for. */
const RAMP_MS = 1000;

/** Of what the processors did: with less of it ours, others loaded them and we did not. */
const LEAST_OWN = 0.5;

/** Long enough for the 10 ms ticks of /proc/stat to tell 30 % from 0. */
const CALM_WINDOW_MS = 1000;

export const scenario = defineScenario({
  summary: "Load every core to 70, 90 and 100 %, exactly, and see the box come to rest.",
  group: "exhaustion",
  options: {
    levels: list(share({ default: "70%", help: "" }), {
      default: "70%,90%,100%",
      help: "shares of each core, in turn",
    }),
    cores: optional(
      count({ default: "1", min: "1", help: "cores to load" }),
      "all that this process may use",
    ),
    hold: duration({ default: "10s", smoke: "1s", min: "1s", help: "how long each level is held" }),
    tolerance: share({ default: "5%", help: "how far from a partial level is still that level" }),
    minFull: share({ default: "97%", help: "what counts as fully loaded" }),
    calmWithin: duration({ default: "10s", help: "how long the box may take to come to rest" }),
    calmBelow: share({ default: "30%", help: "what counts as at rest" }),
  },
  requires: ({ platform }) => (platform === "linux" ? null : "needs /proc/stat to see what was achieved"),
  contradictions: ({ cores }, { allowedCpus }) =>
    cores !== null && cores > allowedCpus.length
      ? [`Cannot load --cores ${cores}: expected at most the ${allowedCpus.length} that this process may use`]
      : [],
  plan: ({ levels, cores, hold }, host) => ({
    durationMs: 1000 + levels.length * (RAMP_MS + hold) + 2 * CALM_WINDOW_MS,
    steps: [
      ...levels.map((level) => `keep ${cores ?? usableCores(host)} cores ${formatShare(level)} busy`),
      "let go",
    ],
    peak: { cores: cores ?? usableCores(host) },
  }),

  async run({ options, host, phase, stress, until }) {
    const { levels, hold, calmWithin, calmBelow } = options;
    const cores = options.cores ?? usableCores(host);
    await phase("baseline", { lastsMs: 1000 });
    const steps = [];
    for (const level of levels) {
      const label = formatShare(level);
      const tasks = Array.from({ length: cores }, () => ({ amount: level }));
      const load = await stress<typeof burnCpu>("burn-cpu", { unit: "share", tasks });
      await phase("load", { label, lastsMs: RAMP_MS }, () => load.acquire());
      await phase("warm-up", { label, lastsMs: RAMP_MS });
      await phase("hold", { label, lastsMs: hold });
      steps.push({ level, label, outcomes: await load.release() });
    }
    const rest = watchForRest(CALM_WINDOW_MS * host.allowedCpus.length);
    await phase("recovery", { lastsMs: calmWithin }, () =>
      until((now) => (rest.follow(now)?.busy ?? 1) < calmBelow, calmWithin),
    );
    return { cores, steps, rest: rest.latest };
  },

  invariants: {
    applied: {
      "each level was achieved within {tolerance}, a full one to {minFull}, as the kernel counts": ({
        evidence,
        windows,
        host,
        options,
      }) =>
        worst(
          evidence.steps.map(({ level, label }) => {
            const held = windows.of("hold", label);
            const busy = busyShare(held);
            const own = ownBusyShare(held) ?? 0;
            const achieved = busy === null ? null : (busy * host.allowedCpus.length) / evidence.cores;
            const losses = tellLosses(held);
            const measure =
              level === 1
                ? atLeast(achieved, options.minFull, "share", losses)
                : within(achieved, level, options.tolerance, "share", losses);
            const others = measure.outcome === "held" && own < LEAST_OWN * (busy ?? 0);
            return [label, others ? unknown(tellWhose(busy ?? 0, own)) : measure];
          }),
        ),
    },
    held: {},
    recovered: {
      "the processors were below {calmBelow} busy within {calmWithin}": ({ evidence: { rest }, options }) => {
        if (rest === null) return unknown("the run was too short to see the processors come to rest");
        if (rest.busy >= options.calmBelow && rest.own < options.calmBelow) {
          return unknown(tellWhose(rest.busy, rest.own));
        }
        return below(rest.busy, options.calmBelow, "share", [`${formatShare(rest.own)} by this process`]);
      },
    },
  },
});

/** Whole cores only: what a quota grants beyond them cannot be kept at a level. */
function usableCores({ allowedCpus, cpuQuota }: HostFacts): number {
  return Math.max(1, Math.min(allowedCpus.length, Math.floor(cpuQuota ?? Infinity)));
}

/** How busy the processors were over the last so much of their time, and for this process. */
interface Rest {
  readonly busy: number;
  readonly own: number;
}

function watchForRest(windowCpuMs: number) {
  const seen: { total: number; busy: number; own: number }[] = [];
  let latest: Rest | null = null;
  return {
    get latest() {
      return latest;
    },
    /** Takes the next reading; null until a whole window has passed. */
    follow({ cpuTotalMs: total, cpuBusyMs: busy, processCpuMs: own }: Readings): Rest | null {
      if (typeof total !== "number" || typeof busy !== "number" || typeof own !== "number") return null;
      const start = seen.findLast((before) => total - before.total >= windowCpuMs);
      seen.push({ total, busy, own });
      if (start) {
        const windowMs = total - start.total;
        latest = { busy: (busy - start.busy) / windowMs, own: (own - start.own) / windowMs };
      }
      return latest;
    },
  };
}

function tellWhose(busy: number, own: number): string {
  return `${formatShare(busy)} busy, of which only ${formatShare(own)} by this process`;
}

/** What the machine did not give, and so is not counted as asked for. */
function tellLosses(held: readonly Sample[]): string[] {
  const lost = { stolen: increase(held, "cpuStealMs"), throttled: increase(held, "cpuThrottledMs") };
  return Object.entries(lost).flatMap(([how, ms]) => (ms ? [`${formatDuration(ms)} ${how}`] : []));
}

await main(import.meta, scenario);

/** What every scenario promises beside its own invariants: that it saw, that it was let run, and that it let go. */
import type { Sample } from "../host/gauges.ts";
import type { SamplingRecord } from "../host/sampler.ts";
import { percentile } from "../stats/summary.ts";
import type { AnyLoad } from "../stress/load.ts";
import { formatDuration, formatShare } from "../units.ts";
import type { CommonOptions } from "./common-options.ts";
import { atMost, drawnOn, type Measure, none, skipped, unknown } from "./measure.ts";
import type { Values } from "./option.ts";
import { busyShare } from "./sampling.ts";
import type { TargetFacts } from "./target-facts.ts";
import type { TargetOptions } from "./target-options.ts";
import { increase, readings, type Windows } from "./windows.ts";

/** What the runner knows of a run beside the scenario's own evidence. */
export interface RunFacts {
  readonly common: Values<CommonOptions>;
  /** Which of the options about the target the user set. */
  readonly givenOfTarget: ReadonlySet<keyof TargetOptions>;
  readonly windows: Windows;
  readonly sampling: Pick<SamplingRecord, "due" | "taken">;
  readonly loads: readonly AnyLoad[];
  readonly guard: string | null;
  /** Samples that could not be written. */
  readonly unwritten: number;
  /** Null where no target was there, or the scenario drives and judges it itself. */
  readonly target: (TargetFacts & { readonly mayRefuse: boolean }) | null;
}

/** Busier than that before there is any load, late answers are not the load's. */
const BUSY_BEFORE = 0.5;
/** And with more of the processors' time withheld than that, they are the hypervisor's or the quota's. */
const WITHHELD = 0.05;
/** But no such thing keeps a thread waiting for so many times the limit. */
const EXCUSABLE = 5;

type StandardInvariants = Readonly<Record<string, (facts: RunFacts) => Measure>>;

export const standardInvariants: Readonly<Record<"applied" | "held" | "recovered", StandardInvariants>> = {
  applied: {
    "at least {minSamples} of the samples were taken, or all but one": ({ sampling, common }) => {
      // the hundredth of a sample that a share is off is no sample
      const allowed = Math.max(1, Math.floor(sampling.due * (1 - common.minSamples) + 1e-6));
      return atMost(sampling.taken === 0 ? null : sampling.due - sampling.taken, allowed, "count", [
        `${sampling.taken} of ${sampling.due} samples were taken`,
      ]);
    },
    "every stressor held until it was asked to let go": ({ loads }) => {
      const threads = watchedThreads(loads);
      const early = threads.flatMap(({ name, outcome }) => {
        if (outcome.ended !== "released" || outcome.by === "release") return [];
        return [outcome.by === "deadline" ? `${name} reached its deadline` : `${name} ended by itself`];
      });
      return threads.length === 0 ? NO_STRESSOR : none(early, threads.length, "threads");
    },
    "no guard had to end the load": ({ guard }) => none(guard ? [guard] : [], 1, "runs"),
  },
  held: {
    "the event loop answered within {maxEventLoopDelay}, 99 times in 100": (facts) => judgeEventLoop(facts),
    "every sample was written down": ({ unwritten, sampling }) =>
      atMost(
        sampling.taken === 0 ? null : unwritten,
        0,
        "count",
        unwritten > 0 ? ["the volume of the report was full beyond its reserve"] : [],
      ),
  },
  recovered: {
    "every stressor let go when it was asked to": ({ loads }) => {
      const threads = watchedThreads(loads);
      const wrong = threads.flatMap(({ name, outcome }) => {
        if (outcome.ended === "released") return [];
        return [
          outcome.ended === "forced"
            ? `${name} had to be destroyed (forced)`
            : `${name} died: ${outcome.error}`,
        ];
      });
      return threads.length === 0 ? NO_STRESSOR : none(wrong, threads.length, "threads");
    },
  },
};

const NO_STRESSOR = skipped("no stressor was started");

/** Every thread that was meant to live, with how it ended. */
function watchedThreads(loads: readonly AnyLoad[]) {
  return loads
    .filter(({ mayDie }) => !mayDie)
    .flatMap(({ name, outcomes }) => outcomes.map((outcome) => ({ name, outcome })));
}

function judgeEventLoop({ windows, common, loads }: RunFacts): Measure {
  if (loads.length === 0) return NO_STRESSOR;
  const loaded = [...windows.of("load"), ...windows.of("hold")];
  const delays = readings(loaded, "eventLoopDelayMs");
  const delay = percentile(delays, 0.99);
  const limit = common.maxEventLoopDelay;
  if (delay !== null && delay > limit && delay <= EXCUSABLE * limit) {
    const reason = findExcuse(windows, loaded);
    if (reason) return unknown(`${formatDuration(delay)}, but ${reason}`);
  }
  return drawnOn("eventLoopDelayMs", atMost(delay, limit, "ms", [`${delays.length} samples`]));
}

/** Why late answers may not be the load's; null where there is no such reason. */
function findExcuse(windows: Windows, loaded: readonly Sample[]): string | null {
  const busyBefore = busyShare(windows.of("baseline")) ?? 0;
  if (busyBefore > BUSY_BEFORE) return `the processors were ${formatShare(busyBefore)} busy before`;
  const total = increase(loaded, "cpuTotalMs") ?? 0;
  const withheldMs = (increase(loaded, "cpuStealMs") ?? 0) + (increase(loaded, "cpuThrottledMs") ?? 0);
  const withheld = total > 0 ? withheldMs / total : 0;
  return withheld > WITHHELD
    ? `${formatShare(withheld)} of the processors' time was stolen or throttled meanwhile`
    : null;
}

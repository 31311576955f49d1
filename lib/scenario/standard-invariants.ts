/** What every scenario promises beside its own invariants: that it saw, that it was let run, and that it let go. */
import type { SamplingRecord } from "../host/sampler.ts";
import { percentile } from "../stats/summary.ts";
import type { AnyLoad } from "../stress/load.ts";
import { formatDuration, formatShare } from "../units.ts";
import type { CommonOptions } from "./common-options.ts";
import { atMost, type Measure, none, skipped, unknown } from "./measure.ts";
import type { Values } from "./option.ts";
import { busyShare } from "./sampling.ts";
import { readings, type Windows } from "./windows.ts";

/** What the runner knows of a run beside the scenario's own evidence. */
export interface RunFacts {
  readonly common: Values<CommonOptions>;
  readonly windows: Windows;
  readonly sampling: Pick<SamplingRecord, "due" | "taken">;
  readonly loads: readonly AnyLoad[];
  readonly guard: string | null;
}

/** Busier than that before there is any load, late answers are not the load's. */
const BUSY_BEFORE = 0.5;

type StandardInvariants = Readonly<Record<string, (facts: RunFacts) => Measure>>;

export const standardInvariants: Readonly<Record<"applied" | "held" | "recovered", StandardInvariants>> = {
  applied: {
    "at least 99 of 100 samples were taken, or all but one": ({ sampling }) => {
      const allowed = Math.max(1, Math.floor(sampling.due / 100));
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
    "the event loop answered within {maxEventLoopDelay}, 99 times in 100": ({ windows, common }) => {
      const loaded = [...windows.of("load"), ...windows.of("hold")];
      const delays = readings(loaded.length > 0 ? loaded : windows.all, "eventLoopDelayMs");
      const delay = percentile(delays, 0.99);
      const busyBefore = busyShare(windows.of("baseline"));
      if ((delay ?? 0) > common.maxEventLoopDelay && (busyBefore ?? 0) > BUSY_BEFORE) {
        return unknown(
          `${formatDuration(delay ?? 0)}, but the processors were ${formatShare(busyBefore ?? 0)} busy before`,
        );
      }
      return atMost(delay, common.maxEventLoopDelay, "ms", [`${delays.length} samples`]);
    },
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

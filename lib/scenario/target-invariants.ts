/** What comes with every target: it lived, it answered, and everything that it took for the load it gave back. */
import { tellingLines } from "../report/last-words.ts";
import { formatDuration } from "../units.ts";
import type { CommonOptions } from "./common-options.ts";
import { atMost, type Measure, none, skipped, so, unknown } from "./measure.ts";
import type { Values } from "./option.ts";
import type { RunFacts } from "./standard-invariants.ts";
import { KEPT, kept, type TargetFacts } from "./target-facts.ts";

type Facts = NonNullable<RunFacts["target"]>;
type TargetInvariants = Readonly<Record<string, (target: Facts, limits: Values<CommonOptions>) => Measure>>;

const UNASKED = skipped("it has no URL that could be asked: --target-url or --target-health");

export const targetInvariants: Readonly<Record<"applied" | "held" | "recovered", TargetInvariants>> = {
  applied: {},
  held: {
    "the target stayed alive": ({ died, lastLines }) =>
      so(
        died === null,
        died === null ? "it lived" : describeEnd(died, lastLines),
        "alive to the end",
        died ? lastLines : [],
      ),
    "the target was never without an answer for more than {targetMaxOutage}": (
      { health, mayRefuse },
      limits,
    ) => {
      if (mayRefuse) return skipped("this load is there to make it refuse");
      if (!health) return UNASKED;
      const { asked, failed, notAsked, latencyMs, failures, longestOutageMs } = health.underLoad;
      const unasked = `${notAsked} times it could not be asked: this process was out of descriptors`;
      if (asked === 0) return unknown(notAsked > 0 ? unasked : "it was not asked during the load");
      const slowest = latencyMs.max === null ? "" : `, the slowest in ${formatDuration(latencyMs.max)}`;
      return atMost(longestOutageMs, limits.targetMaxOutage, "ms", [
        `${asked - failed} of ${asked} answered${slowest}`,
        ...failures,
        ...(notAsked > 0 ? [unasked] : []),
      ]);
    },
  },
  recovered: {
    "the target answered afterwards": ({ health, died }) => {
      if (!health) return UNASKED;
      const { asked, failed, failures } = health.afterwards;
      if (asked === 0 && !died) return unknown("it was not asked afterwards");
      return so(failed < asked, `${asked - failed} of ${asked} answered`, "at least one", failures);
    },
    "at most {targetMaxGrowth} of the target's memory did not come back": ({ before, after }, limits) => {
      const grown = after && kept(before, after, "anonymousBytes");
      return atMost(grown === null ? null : Math.max(0, grown), limits.targetMaxGrowth, "bytes");
    },
    ...Object.fromEntries(
      KEPT.map((what) => [
        `at most {targetMaxKept} of its ${what} did not come back`,
        (target: Facts, limits: Values<CommonOptions>) => judgeKept(what, target, limits.targetMaxKept),
      ]),
    ),
    "the target stopped when it was asked to, and left no process": ({ stop }) => {
      if (!stop) return skipped("it was running before, and goes on");
      const forced = stop.forced ? [`it had to be killed after ${formatDuration(stop.tookMs)}`] : [];
      return none([...forced, ...stop.left], 1, "targets");
    },
  },
};

/** Nobody can tell how a process ended that was running before. */
function describeEnd(
  { exitCode, signal, during }: NonNullable<TargetFacts["died"]>,
  lastLines: readonly string[],
): string {
  const code = exitCode === null ? "it ended" : `it ended with exit code ${exitCode}`;
  const [said] = tellingLines(lastLines, 1);
  return `${signal === null ? code : `${signal} killed it`} during ${during}${said ? `, saying "${said.trim()}"` : ""}`;
}

function judgeKept(what: (typeof KEPT)[number], { before, after, stayed }: Facts, limit: number): Measure {
  const more = after && kept(before, after, what);
  if (more === null)
    return before[what] === null
      ? skipped("they cannot be counted here")
      : unknown("it was not there to be counted");
  return atMost(Math.max(0, more), limit, "count", [
    `${before[what]} before, ${after?.[what]} after`,
    ...(more > limit ? stayed : []),
  ]);
}

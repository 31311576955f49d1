/** What comes with every target: it lived, it answered, and everything that it took for the load it gave back. */
import { tellingLines } from "../report/last-words.ts";
import { formatAmount, formatDuration } from "../units.ts";
import type { CommonOptions } from "./common-options.ts";
import { atMost, drawnOn, type Measure, skipped, so, unknown } from "./measure.ts";
import type { Values } from "./option.ts";
import type { RunFacts } from "./standard-invariants.ts";
import { KEPT, kept, type TargetFacts, type TargetState } from "./target-facts.ts";

type Facts = NonNullable<RunFacts["target"]>;
type TargetInvariants = Readonly<
  Record<string, (target: Facts, limits: Values<CommonOptions>, given: RunFacts["givenOfTarget"]) => Measure>
>;

const UNASKED = skipped("it has no URL that could be asked: --target-url or --target-health");

/** Connections are taken for a process that is stopped, too. */
const ACCEPTED = skipped(
  "only its kernel accepts: before the load it closed nothing that we closed; --target-health",
);

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
      const { by, asked, failed, notAsked, latencyMs, failures, longestOutageMs } = health.underLoad;
      const unasked = `${notAsked} times it could not be asked: this process was out of descriptors`;
      if (asked === 0) return unknown(notAsked > 0 ? unasked : "it was not asked during the load");
      if (by === "accept" && longestOutageMs <= limits.targetMaxOutage) return ACCEPTED;
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
      const { by, asked, failed, failures } = health.afterwards;
      if (asked === 0 && !died) return unknown("it was not asked afterwards");
      if (by === "accept" && failed < asked) return ACCEPTED;
      return so(failed < asked, `${asked - failed} of ${asked} answered`, "at least one", failures);
    },
    "at most {targetMaxGrowth} of the target's memory did not come back": (target, limits, given) =>
      judgeMemory(target, limits.targetMaxGrowth, given.has("targetMaxGrowth")),
    ...Object.fromEntries(
      KEPT.map((what) => [
        `at most {targetMaxKept} of its ${what} did not come back`,
        (target: Facts, limits: Values<CommonOptions>) => judgeKept(what, target, limits.targetMaxKept),
      ]),
    ),
    "the target stopped when it was asked to, and left no process": ({ stop }) => {
      if (!stop) return skipped("it was running before, and goes on");
      const took = formatDuration(stop.tookMs);
      const ended = stop.forced ? `it had to be killed after ${took}` : `it ended within ${took}`;
      const left = stop.left.length === 0 ? "nothing was left" : `${stop.left.length} processes were left`;
      return so(!stop.forced && stop.left.length === 0, `${ended}, ${left}`, "in time, alone", stop.left);
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

const RESIDENT = "only its resident memory can be read here";
const MANAGED = "its heap takes what it is allowed before it collects";

/**
 * Off Linux only resident memory can be read, of a URL alone nothing. What is resident is also what the kernel has no other use
 * for: beyond a limit that nobody has set it proves nothing.
 */
function judgeMemory(target: Facts, limit: number, given: boolean): Measure {
  const what = (["anonymousBytes", "rssBytes"] as const).find((key) => target.before[key] !== null);
  if (!what) return skipped("its memory cannot be read here");
  const more = keptSince(target, what);
  if (more === null) return unknown("it was not there to be read");
  const vague = what === "rssBytes" ? RESIDENT : target.before.managedHeap ? MANAGED : null;
  if (vague !== null && more > limit && !given)
    return unknown(
      `${vague}: it grew by ${formatAmount(more, "bytes")}, and nobody said how much it may: --target-max-growth`,
    );
  const measure = atMost(Math.max(0, more), limit, "bytes", [
    ...(what === "rssBytes"
      ? ["resident memory, with what it maps from files: no other can be read here"]
      : []),
    tellStates(target, (state) => formatAmount(state[what] ?? 0, "bytes")),
  ]);
  return drawnAbove(target, what, limit, measure);
}

function judgeKept(what: (typeof KEPT)[number], target: Facts, limit: number): Measure {
  const more = keptSince(target, what);
  if (more === null)
    return target.before[what] === null
      ? skipped("they cannot be counted here")
      : unknown("it was not there to be counted");
  const measure = atMost(Math.max(0, more), limit, "count", [
    tellStates(target, (state) => String(state[what])),
    ...(more > limit ? target.stayed : []),
  ]);
  return drawnAbove(target, what, limit, measure);
}

/** What it may keep is drawn above what it had, on the curve of what it has. */
function drawnAbove(
  { before, base }: Facts,
  what: Parameters<typeof kept>[2],
  limit: number,
  measure: Measure,
): Measure {
  const had = (base ?? before)[what];
  return had === null
    ? measure
    : drawnOn(`target${what[0]?.toUpperCase()}${what.slice(1)}`, measure, had + limit);
}

/** Pools open and caches fill in a warm-up: where there was one, what it holds compares with its end. */
function keptSince({ before, base, after }: Facts, what: Parameters<typeof kept>[2]): number | null {
  return after && kept(base ?? before, after, what);
}

function tellStates({ before, base, after }: Facts, tell: (state: TargetState) => string): string {
  return [
    `${tell(before)} before`,
    ...(base ? [`${tell(base)} once it had warmed up`] : []),
    ...(after ? [`${tell(after)} after`] : []),
  ].join(", ");
}

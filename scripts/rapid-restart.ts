#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Starts and ends a server again and again, cleanly and not: each start must succeed, each end leave nothing. */
import { tmpdir } from "node:os";
import { hubOptions, hubWords, refusePlanting } from "../lib/scenario/hub-options.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, type Measure, none, skipped, unknown, worst } from "../lib/scenario/measure.ts";
import { bytes, count, duration, share } from "../lib/scenario/number-options.ts";
import type { RestartPlan, RestartRecord } from "../lib/scenario/restart.ts";
import { defineScenario, type Facts } from "../lib/scenario/scenario.ts";
import { flag } from "../lib/scenario/text-options.ts";
import { median } from "../lib/stats/summary.ts";
import { fitTheilSen } from "../lib/stats/theil-sen.ts";
import { findFreePort } from "../lib/target/free-port.ts";
import { formatDuration, type Unit } from "../lib/units.ts";
import { BEHAVIOURS, FAULTS } from "../targets/hub/faults.ts";

/** A start, another that is refused, and a stop: slower than any server that is restarted on purpose. */
const PLANNED_MS = 2000;
/** Times vary by so much whatever the server does. */
const UNAVOIDABLE_MS = 100;
/** For one of two that has to give way: it may still be starting. */
const LOSE_WITHIN_MS = 10_000;
/** Fewer points than that make no line. */
const LEAST_POINTS = 5;

const options = {
  cycles: count({
    default: "25",
    smoke: "10",
    min: "1",
    environment: "RAPID_RESTART_CYCLES",
    help: "starts, each ended by a stop, a crash or SIGKILL in turn",
  }),
  exclusive: flag({
    help: "your server may run only once: a second start must be refused (the hub's always)",
  }),
  maxSlower: share({ default: "20%", help: "by which start and stop times may grow over the run" }),
  maxGrowth: bytes({ default: "8MiB", help: "by which what a start holds may grow over the run" }),
  stopWithin: duration({ default: "5s", help: "how long a stop may take before the server is killed" }),
  ...hubOptions("rapid-restart", { faults: FAULTS, behaviours: BEHAVIOURS }),
};
type Restart = typeof options;

export const scenario = defineScenario({
  summary:
    "Start and end a server again and again, also by crash and SIGKILL: nothing stale is left or believed.",
  group: "confidence",
  options,
  target: { role: "driven", hub: hubWords },
  contradictions: (values, _host, _given, target) => [
    ...refusePlanting(values, target),
    ...(target && target.command === null
      ? ["Cannot restart a target that runs already: expected --target-command"]
      : []),
  ],
  plan: ({ cycles }) => ({
    durationMs: cycles * PLANNED_MS,
    steps: [
      `start and end the target ${cycles} times`,
      "start a second one beside it, or two at once, in turn",
    ],
    peak: { processes: 4, descriptors: 50 },
  }),

  async run({ options, target, phase, temporaryFolder, signal }) {
    // an HTTP client and schemas: help does without them
    const { restartOnce } = await import("../lib/scenario/restart.ts");
    const dir = temporaryFolder(tmpdir());
    const settings = {
      ...{ target, dir, port: await findFreePort() },
      ...{ stopWithinMs: options.stopWithin, loseWithinMs: LOSE_WITHIN_MS },
    };
    const contested = target.isHub || options.exclusive;
    const records: RestartRecord[] = [];
    await phase("load", { lastsMs: options.cycles * PLANNED_MS }, async () => {
      while (records.length < options.cycles && !signal.aborted)
        records.push(await restartOnce(planCycle(records, target.isHub, contested), settings));
    });
    return { records, contested, isHub: target.isHub };
  },

  invariants: {
    applied: {
      "all {cycles} cycles were made": ({ evidence, options }) =>
        atLeast(evidence.records.length, options.cycles, "count"),
      "every crash happened": ({ evidence: { records, isHub } }) => {
        if (!isHub) return skipped("only the hub crashes when told to; a server of yours is killed instead");
        const crashes = records.filter(({ way, startError }) => way === "crash" && startError === null);
        return none(
          tell(crashes, ({ crashError }) => crashError),
          crashes.length,
          "crashes",
        );
      },
    },
    held: {
      "every start succeeds, also after a crash and after SIGKILL": ({ evidence: { records } }) =>
        none(
          tell(records, ({ startError }) => startError),
          records.length,
          "starts",
        ),
      "a second start is refused while one runs, and of two at once exactly one wins": ({ evidence }) => {
        if (!evidence.contested) return skipped("a server that may run twice, for all we know: --exclusive");
        const contests = evidence.records.filter(({ contest }) => contest !== "none");
        return none(
          tell(contests, ({ contestError }) => contestError),
          contests.length,
          "contests",
        );
      },
      "every stop is clean: in time, with the exit code of success": ({ evidence: { records } }) => {
        const stops = records.filter(({ way }) => way === "stop");
        return none(
          tell(stops, ({ stopError }) => stopError),
          stops.length,
          "stops",
        );
      },
      "start times are level from cycle to cycle": (facts) => judgeStartTimes(facts),
      "stop times are level, too": ({ evidence, options }) =>
        judgeLevel(
          evidence.records.map(({ stopTookMs }) => stopTookMs),
          "ms",
          (usual) => mayBeSlower(usual, options.maxSlower),
        ),
      "what a start holds is level: within {maxGrowth}": ({ evidence, options }) =>
        judgeLevel(
          evidence.records.map(({ anonymousBytes }) => anonymousBytes),
          "bytes",
          () => options.maxGrowth,
        ),
    },
    recovered: {
      "no lock file, pid file, port or child is left after any stop": ({ evidence }) => judgeLeft(evidence),
      "the final state is idle": ({ evidence: { records, isHub } }) => {
        if (!isHub) return skipped("only the hub tells its final state");
        const stops = records.filter(({ way, startError }) => way === "stop" && startError === null);
        return none(
          tell(stops, ({ finalState }) => (isIdle(finalState) ? null : JSON.stringify(finalState))),
          stops.length,
          "stops",
        );
      },
    },
  },
});

/** Two stops, a SIGKILL, a crash; no other start, a second one, two at once: their lengths share no factor, so all pairs come. */
function planCycle(before: readonly RestartRecord[], isHub: boolean, contested: boolean): RestartPlan {
  const cycle = before.length;
  const ways = ["stop", "kill", "stop", isHub ? "crash" : "kill"] as const;
  const contests = ["none", "second", "race"] as const;
  const kills = before.filter(({ way }) => way === "kill").length;
  return {
    cycle,
    way: ways[cycle % ways.length] ?? "stop",
    contest: (contested && contests[cycle % contests.length]) || "none",
    // after every other kill, the first included
    reusePid: isHub && before.at(-1)?.way === "kill" && kills % 2 === 1,
  };
}

/** A port or a child is left by no end. A file may be there on purpose: who runs only once has it as a lock. */
function judgeLeft({
  records,
  contested,
}: {
  records: readonly RestartRecord[];
  contested: boolean;
}): Measure {
  const ended = records.filter(({ startError }) => startError === null);
  const measure = none(
    tell(ended, ({ left, leftFiles }) => listed([...left, ...(contested ? leftFiles : [])])),
    ended.length,
    "ends",
  );
  const files = contested ? [] : [...new Set(ended.flatMap(({ leftFiles }) => leftFiles))];
  if (files.length === 0 || !("evidence" in measure)) return measure;
  const told = `after a stop there was ${files.join(", ")}: it counts with --exclusive`;
  return { ...measure, evidence: [...measure.evidence, told] };
}

function listed(things: readonly string[]): string | null {
  return things.length === 0 ? null : things.join(", ");
}

function tell(records: readonly RestartRecord[], wrong: (record: RestartRecord) => string | null): string[] {
  return records.flatMap((record) => {
    const what = wrong(record);
    return what === null ? [] : [`cycle ${record.cycle + 1} (${record.way}): ${what}`];
  });
}

function isIdle(state: unknown): boolean {
  return typeof state === "object" && state !== null && "state" in state && state.state === "idle";
}

/**
 * Of two starts at once each is in the other's way; and how long a start waited for processors that others had is not its own
 * doing. What is left is judged in two parts, as what a start works scatters on a busy box, and what it rests does not.
 */
function judgeStartTimes({
  evidence,
  options,
}: Facts<Restart, { records: readonly RestartRecord[] }>): Measure {
  const alone = evidence.records.map((record) => (record.contest === "race" ? null : record));
  const worked = alone.map((record) => record?.workedMs ?? null);
  if (worked.every((ms) => ms === null))
    return judgeLevel(
      alone.map((record) => record?.readyAfterMs ?? null),
      "ms",
      (usual) => mayBeSlower(usual, options.maxSlower),
    );
  const rested = alone.map((record) => restedMs(record));
  const own = rested.map((ms, index) => (ms === null ? null : ms + (worked[index] ?? 0)));
  const usual = median(own.filter((ms) => ms !== null)) ?? 0;
  const mayGrow = () => mayBeSlower(usual, options.maxSlower);
  return worst([
    ["at work", judgeLevel(worked, "ms", mayGrow)],
    ["at rest", judgeLevel(rested, "ms", mayGrow)],
  ]);
}

function mayBeSlower(usualMs: number, maxSlower: number): number {
  return Math.max(UNAVOIDABLE_MS, maxSlower * usualMs);
}

/** What neither of its two busiest threads worked, or waited for a processor. */
function restedMs(record: RestartRecord | null): number | null {
  if (!record || record.readyAfterMs === null || record.workedMs === null) return null;
  return Math.max(0, record.readyAfterMs - record.workedMs - (record.waitedMs ?? 0));
}

/** Broken when even the lower end of the slope's interval, over the whole run, is more than what may be. */
function judgeLevel(
  readings: readonly (number | null)[],
  unit: Unit,
  mayGrow: (usual: number) => number,
): Measure {
  const points = readings.flatMap((value, x) => (value === null ? [] : [[x, value] as const]));
  const line = fitTheilSen(points);
  const usual = median(points.map(([, value]) => value));
  if (!line || usual === null || points.length < LEAST_POINTS)
    return unknown(`expected at least ${LEAST_POINTS} of them, got ${points.length}: more --cycles`);
  const over = readings.length - 1;
  return atMost(Math.max(0, line.low * over), mayGrow(usual), unit, [
    `usually ${unit === "ms" ? formatDuration(usual) : usual}, ${points.length} readings`,
  ]);
}

await main(import.meta, scenario);

/** What is told of watched containers beside each invariant. */
import type { ContainerRecord } from "../engine/observed.ts";
import type { StoryLine, WatchRecord } from "../engine/watch.ts";
import { maximum } from "../stats/summary.ts";
import { formatAmount, formatBytes, formatDuration, formatShare } from "../units.ts";
import { atLeast, below, type Measure, none, skipped, unknown } from "./measure.ts";

export interface Watched {
  readonly watch: WatchRecord;
}

/** Judges what was seen; of nothing nothing can be said. */
function ofWatch(judge: (watch: WatchRecord) => Measure): (watched: Watched) => Measure {
  return ({ watch }) => (watch.containers.length === 0 ? unknown("there were no containers") : judge(watch));
}

/** Of each container that was well before, what is amiss, or nothing: who was not well had it from somewhere else. */
function eachContainer(tell: (one: ContainerRecord) => string | null) {
  return ofThoseWell((watch) => tellEach(watch, tell));
}

function ofThoseWell(judge: (watch: WatchRecord) => Measure): (watched: Watched) => Measure {
  return ofWatch((watch) => {
    const containers = watch.containers.filter(({ wellBefore }) => wellBefore);
    return containers.length === 0
      ? unknown("none of them was running and healthy before")
      : judge({ ...watch, containers });
  });
}

function tellEach(
  { containers, story }: WatchRecord,
  tell: (one: ContainerRecord) => string | null,
): Measure {
  const amiss = containers.map((one) => ({ name: one.name, wrong: tell(one) }));
  const wrong = amiss.filter((one) => one.wrong !== null);
  return none(
    wrong.map((one) => `${one.name}: ${one.wrong}`),
    containers.length,
    "containers",
    wrong.slice(0, MOST_STORIES).flatMap(({ name }) => tellStory(story, name)),
  );
}

const MOST_STORIES = 3;
const MOST_LINES = 6;

/** The first that the engine told of it. */
function tellStory(story: readonly StoryLine[], name: string): string[] {
  const own = story.filter(({ container }) => container === name);
  const lines = own
    .slice(0, MOST_LINES)
    .map(({ atMs, what }) => `${name} at ${new Date(atMs).toISOString().slice(11, 23)} ${what}`);
  return own.length > lines.length ? [...lines, `${name}: ${own.length - lines.length} more`] : lines;
}

export function measureThere(missing: readonly string[], found: number): Measure {
  const wrong = missing.map((name) => `there is no ${name}`);
  return none(wrong, missing.length + found, "containers");
}

/** What has to be so of the containers themselves, before anything can be said of what a load did to them. */
export const foundInvariants = {
  "every container that was named is there": ({ evidence: { missing, watch } }: Of<Found & Watched>) =>
    measureThere(missing, watch.containers.length),
  "each was running and healthy before": ({ evidence }: Of<Watched>) => measureWellBefore(evidence),
  "the engine told what happened": ({ evidence }: Of<Watched>) => measureListened(evidence),
};

interface Of<E> {
  readonly evidence: E;
}

interface Found {
  /** What was named, and is not there. */
  readonly missing: readonly string[];
}

export const measureWellBefore = ofWatch((watch) =>
  tellEach(watch, ({ wellBefore, status, health }) =>
    wellBefore ? null : `was not running and healthy before the load (now ${status}, ${health})`,
  ),
);

const measureListened = ofWatch(({ listened, breaks }) =>
  listened
    ? atLeast(1, 1, "count", breaks > 0 ? [`the engine was gone ${breaks} times, and came back`] : [])
    : unknown("the engine went away"),
);

export const measureRunning = eachContainer(({ deaths, gone, status }) => {
  if (gone) return "was removed";
  if (deaths.length > 0) return `ended ${deaths.length} times, with ${[...new Set(deaths)].join(", ")}`;
  return status === "running" ? null : `is ${status}`;
});

export const measureStarts = eachContainer(({ starts }) =>
  starts === 0 ? null : `was started again ${starts} times`,
);

export const measureOom = eachContainer(({ ooms, oomKills }) => {
  if (ooms > 0) return `${ooms} times, as the engine told`;
  return oomKills === 0 ? null : `${oomKills} of its processes, as the kernel counts`;
});

export const measureHealth = eachContainer(({ unhealthy, health, deaths, gone }) => {
  if (unhealthy > 0) return `became unhealthy ${unhealthy} times, and is ${health}`;
  // one that ended is told of elsewhere
  return health === "unhealthy" && deaths.length === 0 && !gone ? "is unhealthy" : null;
});

/** Where a container has no limit, or none can be read, nothing is judged of it. */
export function measureMemory(watched: Watched, maxShare: number, maxViolations: number): Measure {
  return ofThoseWell(({ containers }) => {
    const limited = containers.filter(({ peakMemoryShare }) => peakMemoryShare !== null);
    if (limited.length === 0) return skipped("none of them has a limit of its memory that can be read here");
    const over = limited.filter(({ overMemory }) => overMemory > maxViolations);
    const wrong = over.map(
      (one) =>
        `${one.name}: ${one.overMemory} of ${one.samples} samples at or above ${formatShare(maxShare)}, ` +
        `at most ${formatBytes(one.peakMemoryBytes ?? 0)} of ${formatBytes(one.limitBytes ?? 0)}`,
    );
    return none(wrong, limited.length, "containers with a limit");
  })(watched);
}

export function measureCpu(watched: Watched, maxShare: number): Measure {
  return ofThoseWell(({ containers }) => {
    const seen = containers.filter(({ peakCores }) => peakCores !== null);
    const told = seen.map(
      ({ name, peakCores, throttledMs }) =>
        `${name}: at most ${formatAmount(peakCores ?? 0, "share")}` +
        (throttledMs ? `, kept from running by its quota for ${formatDuration(throttledMs)}` : ""),
    );
    return below(maximum(seen.map(({ peakCores }) => peakCores ?? 0)), maxShare, "share", told);
  })(watched);
}

export function measureStable(watched: Watched, least: number): Measure {
  return ofThoseWell(({ containers }) => {
    const shares = containers.map(({ name, stable, samples }) => ({ name, share: stable / samples }));
    const worst = Math.min(...shares.map(({ share }) => share));
    const told = shares.map(({ name, share }) => `${name}: ${formatShare(share)}`);
    return atLeast(worst, least, "share", told);
  })(watched);
}

export const measureWellAfter = eachContainer(({ gone, status, health }) =>
  !gone && status === "running" && /^(none|healthy)$/.test(health)
    ? null
    : `is ${gone ? "gone" : status}, ${health}`,
);

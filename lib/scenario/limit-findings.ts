/** What is told of containers' limits: that they are there, sane, the kernel's too, and enforced. */
import type { Limits } from "../engine/limits.ts";
import { formatAmount, formatBytes, formatDuration } from "../units.ts";
import type { LimitedContainer, Twin } from "./container-limits.ts";
import { allOf, type Judged, type Measure, none, skipped, unknown } from "./measure.ts";

export interface LimitsEvidence {
  /** What was named, and is not there. */
  readonly missing: readonly string[];
  readonly containers: readonly LimitedContainer[];
  readonly twins: readonly Twin[];
  /** Twins that are still there at the end. */
  readonly left: readonly string[];
}

const NAMES = { memoryBytes: "memory", cores: "processors", processes: "processes" } as const;
const KINDS = Object.keys(NAMES) as (keyof Limits)[];
/** A quota is counted in periods of 100 ms, and what runs at a period's end runs a tick on. */
const QUOTA_TOLERANCE = 0.1;
/** The kernel counts memory in pages, and a little of its own for each group. */
const MEMORY_TOLERANCE = 0.05;
const UNITS = { memoryBytes: "bytes", cores: "share", processes: "count" } as const;

const MOST_NAMES = 3;

function tellNames(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

const tell = (kind: keyof Limits, value: number | null) =>
  value === null ? "none" : formatAmount(value, UNITS[kind]);

export function measureLimited({ containers }: LimitsEvidence): Measure {
  const wrong = containers.flatMap(({ name, declared }) => {
    const without = KINDS.filter((kind) => declared[kind] === null).map((kind) => NAMES[kind]);
    return without.length === 0 ? [] : [`${name}: no limit of its ${without.join(", ")}`];
  });
  return none(wrong, containers.length, "containers");
}

export function measureSane({ containers }: LimitsEvidence, least: number, most: number): Measure {
  const limited = containers.filter(({ declared }) => declared.memoryBytes !== null);
  if (limited.length === 0 && containers.length > 0) return skipped("none of them has a limit of its memory");
  const wrong = limited.filter(({ declared: { memoryBytes } }) => {
    const bytes = memoryBytes ?? 0;
    return bytes < least || bytes > most;
  });
  return none(
    wrong.map(({ name, declared }) => `${name}: ${formatBytes(declared.memoryBytes ?? 0)}`),
    limited.length,
    "containers with a limit",
  );
}

/** Of a group above theirs the kernel may have a lower one: that is no fault of theirs. */
export function measureKernel({ containers, twins }: LimitsEvidence): Measure {
  const seen = [...containers, ...twins].filter(({ kernel }) => kernel !== null);
  if (seen.length === 0) return skipped("their control groups cannot be read from here");
  const wrong = seen.flatMap(({ name, declared, kernel }) =>
    KINDS.filter((kind) => {
      const [asked, has] = [declared[kind], kernel?.[kind] ?? null];
      return asked !== null && (has === null || has > asked * (1 + MEMORY_TOLERANCE));
    }).map(
      (kind) =>
        `${name}: ${NAMES[kind]} ${tell(kind, declared[kind])}, in the kernel ${tell(kind, kernel?.[kind] ?? null)}`,
    ),
  );
  return none(wrong, seen.length, "containers");
}

/** Each twin's proof of one kind: what is amiss, null where nothing is, or why nothing can be said. */
function eachProof<K extends "memory" | "quota" | "processes">(
  { twins }: LimitsEvidence,
  kind: K,
  judge: (
    proof: NonNullable<NonNullable<Twin["proof"]>[K]>,
    limits: Limits,
  ) => { readonly told: string; readonly is: Judged["is"] },
): Measure {
  const tried = twins.flatMap(({ proof, declared, names }) => {
    const one = proof?.[kind];
    if (!one) return [];
    const { is, told } = judge(one, declared);
    return [{ is, line: `${tellNames(names)}: ${told}` }];
  });
  if (tried.length === 0) {
    const why = twins.flatMap(({ names, why }) => (why === null ? [] : [`${tellNames(names)}: ${why}`]));
    return skipped(why[0] ?? "there is no such limit that could be reached");
  }
  return allOf(tried, "limits");
}

export function measureKilled(evidence: LimitsEvidence): Measure {
  return eachProof(evidence, "memory", ({ peakBytes, kills }, { memoryBytes }) => {
    const limit = memoryBytes ?? 0;
    const told = `${formatBytes(peakBytes)} of ${formatBytes(limit)}, ${kills === 0 ? "not killed" : "killed"}`;
    if (peakBytes > limit * (1 + MEMORY_TOLERANCE)) return { told, is: "broken" };
    return { told, is: kills > 0 ? "held" : "unknown" };
  });
}

export function measureThrottled(evidence: LimitsEvidence): Measure {
  return eachProof(evidence, "quota", ({ cores, throttledMs }, { cores: quota }) => {
    const told = `${formatAmount(cores, "share")} of ${formatAmount(quota ?? 0, "share")} of a processor, kept from running for ${formatDuration(throttledMs)}`;
    if (cores > (quota ?? 0) * (1 + QUOTA_TOLERANCE)) return { told, is: "broken" };
    // others may have had the processors
    return { told, is: throttledMs > 0 ? "held" : "unknown" };
  });
}

export function measureRefused(evidence: LimitsEvidence): Measure {
  return eachProof(evidence, "processes", ({ most, refusals }, { processes }) => {
    const told = `${most} of ${processes}, ${refusals === 0 ? "none refused" : "one more refused"}`;
    if (most > (processes ?? 0)) return { told, is: "broken" };
    return { told, is: refusals > 0 ? "held" : "unknown" };
  });
}

/** A limit that could be tried and was not is no finding of the container's. */
export function measureTried({ twins, containers }: LimitsEvidence): Measure {
  const untried = twins.filter(({ proof }) => proof === null);
  const tried = twins.length - untried.length;
  if (containers.length === 0) return unknown("there were no containers");
  return tried > 0
    ? none([], tried, "sets of limits")
    : unknown(untried.map(({ names, why }) => `${tellNames(names)}: ${why}`)[0] ?? "nothing was tried");
}

export const measureNoneLeft = ({ left, twins }: LimitsEvidence): Measure =>
  none(left, Math.max(1, twins.length), "probes");

/** What is planted in the hub to be found, or to be spared, by idle-soak: how large, for how long, and by when it has to be found. */
import { BEHAVIOURS, type BehaviourName, type FaultName } from "../../targets/hub/faults.ts";

export interface Plant {
  readonly name: string;
  /** Null for what is healthy. */
  readonly leak: Leak | null;
  /** How long the hub is soaked. */
  readonly seconds: number;
  /** What idle-soak is told. */
  readonly words: readonly string[];
}

export interface Leak {
  /** Where it has to show: one of these channels must be called growing. */
  readonly channels: readonly string[];
  readonly unit: "bytes" | "count";
  /** At least so much is kept in each cycle; null where what the fault keeps has no size of its own. */
  readonly perCycle: number | null;
  /** The run of this length has to find it; null: only to see where the method ends. */
  readonly foundWithinSeconds: Mark | null;
}

/** Every run is judged as if it had ended there, too. */
export const MARKS = [60, 90, 120] as const;
export type Mark = (typeof MARKS)[number];

const KIB = 1024;
/** Just above, so that the first and the last look are that far apart. */
const MORE_SECONDS = 1;

const HEAP = ["late-leak", "on the heap", ["--late-after-ms", "0"]] as const;
const OUTSIDE = ["buffers-outside-heap", "outside the heap", []] as const;
const SAWTOOTH = ["slow-leak-under-sawtooth", "under much garbage", []] as const;

/** Those with one of these in their name. */
export function choosePlants(parts: readonly string[]): Plant[] {
  return listPlants().filter(({ name }) => parts.some((part) => name.includes(part)));
}

export function listPlants(): Plant[] {
  return [
    memory(HEAP, 16 * KIB, 60, 60),
    ...[HEAP, OUTSIDE, SAWTOOTH].map((where) => memory(where, 4 * KIB, 60, 60)),
    kept("log-on-heap", "10 lines of a log", { channels: ["live bytes"], unit: "bytes", perCycle: null }),
    kept("timers-never-cleared", "1 timer", { channels: ["timers", "Timeout"], unit: "count", perCycle: 1 }),
    ...[HEAP, OUTSIDE, SAWTOOTH].map((where) => memory(where, KIB, 90, 90)),
    memory(HEAP, 256, 120, null),
    descriptor(50, 120),
    ...health(),
  ];
}

function memory(
  [fault, place, words]: typeof HEAP | typeof OUTSIDE | typeof SAWTOOTH,
  bytes: number,
  seconds: Mark,
  foundWithinSeconds: Mark | null,
): Plant {
  const hub = ["--leak-bytes", String(bytes), ...words];
  return {
    name: `${bytes < KIB ? `${bytes} B` : `${bytes / KIB} KiB`} ${place}`,
    leak: { channels: ["live bytes"], unit: "bytes", perCycle: bytes, foundWithinSeconds },
    seconds: seconds + MORE_SECONDS,
    words: plant(fault, hub),
  };
}

function kept(fault: FaultName, name: string, leak: Omit<Leak, "foundWithinSeconds">): Plant {
  const seconds = 60;
  return {
    name,
    leak: { ...leak, foundWithinSeconds: seconds },
    seconds: seconds + MORE_SECONDS,
    words: plant(fault),
  };
}

function descriptor(every: number, seconds: Mark): Plant {
  return {
    name: `1 descriptor in ${every}`,
    leak: {
      channels: ["descriptors"],
      unit: "count",
      perCycle: 1 / every,
      foundWithinSeconds: seconds,
    },
    seconds: seconds + MORE_SECONDS,
    words: plant("descriptor-per-n", ["--leak-every", String(every)]),
  };
}

function plant(fault: FaultName, hub: readonly string[] = []): string[] {
  return ["--fault", fault, ...(hub.length > 0 ? [`--hub=${hub.join(" ")}`] : [])];
}

/** Judged at every mark: of a run that goes on, what lies before a mark is a run that ends there. */
function health(): Plant[] {
  const seconds = Math.max(...MARKS) + MORE_SECONDS;
  const behaviours = Object.keys(BEHAVIOURS) as BehaviourName[];
  return [
    { name: "the hub", leak: null, seconds, words: [] },
    ...behaviours.map((name) => ({ name, leak: null, seconds, words: ["--behave", name] })),
  ];
}

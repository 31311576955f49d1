/** The containers of the demo whose limits are tried, and what breaks them. */
import type { DemoContainer } from "../../lib/engine/demo.ts";
import type { Limits } from "../../lib/engine/limits.ts";
import { WAITS } from "./commands.ts";
import type { FaultOf } from "./faults.ts";

const MEBI = 1024 * 1024;
/** So little that whoever is not kept to it gets several times as much, on a busy box too. */
const CORES = 0.1;
const LIMITS = { memoryBytes: 256 * MEBI, cores: CORES, processes: 32 };

type FaultName = FaultOf<"container-limits">;

export function limitedContainers(fault: FaultName | null): DemoContainer[] {
  const planted: Partial<Record<FaultName, Limits>> = {
    unlimited: { memoryBytes: null, cores: null, processes: null },
    "too-little-memory": { ...LIMITS, memoryBytes: 16 * MEBI },
  };
  return [
    { name: "server", command: WAITS, ...LIMITS },
    { name: "worker", command: WAITS, ...LIMITS },
    { name: "store", command: WAITS, ...((fault && planted[fault]) ?? LIMITS) },
  ];
}

/** As an engine does that passes over a limit. */
export function withoutEnforcement(limits: Limits, fault: FaultName | null): Limits {
  const without: Partial<Record<FaultName, keyof Limits>> = {
    "memory-not-enforced": "memoryBytes",
    "quota-not-enforced": "cores",
    "processes-not-enforced": "processes",
  };
  const kind = fault && without[fault];
  return kind ? { ...limits, [kind]: null } : limits;
}

/** Whether limits are enforced: what happens to a process inside a container that wants more (cgroups(7)). */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Engine } from "../engine/engine.ts";
import { findContainerGroup } from "../engine/group.ts";
import type { Limits } from "../engine/limits.ts";
import { openUsage } from "../engine/usage.ts";
import type { Cgroup } from "../host/cgroup.ts";
import { readText } from "../host/read-text.ts";
import { readCgroupMemoryRecord } from "../target/limits.ts";
import { lookUntil, rest } from "./abortable.ts";

/** Where a probe goes: a container of ours that waits, with sh, awk, kill and sleep in its image. */
export interface Probed {
  readonly engine: Engine;
  readonly id: string;
  /** Its first process, here. */
  readonly pid: number;
  readonly limits: Limits;
  readonly signal: AbortSignal;
}

/** Null: there is no such limit, or it cannot be probed. */
export interface LimitProof {
  /** The most that the probe had, and how many processes of it were killed for it. */
  readonly memory: { readonly peakBytes: number; readonly kills: number } | null;
  /** What the probe had while more of it wanted to run, and how long it was kept from running. */
  readonly quota: { readonly cores: number; readonly throttledMs: number } | null;
  /** The most that there were, and how often one more was refused. */
  readonly processes: { readonly most: number; readonly refusals: number } | null;
}

const MEGA = 1e6;
/** Who has so much of its limit was not held by it. */
const BEYOND = 1.25;
const WITHIN_MS = 30_000;
const BURN_MS = 3000;
const MOST_LOOKS = 8;
const SOON_MS = 500;
const MORE_PROCESSES = 16;

/** Processes come last: where no more are allowed, nothing can be carried out in it. */
export async function probeLimits(probed: Probed): Promise<LimitProof> {
  const memory = await probeMemory(probed);
  const quota = await probeQuota(probed);
  return { memory, quota, processes: await probeProcesses(probed) };
}

/** Takes memory until it is killed for it, or has a quarter more than it should get. */
async function probeMemory({ engine, id, pid, limits, signal }: Probed): Promise<LimitProof["memory"]> {
  const { memoryBytes } = limits;
  const group = findContainerGroup("memory", pid, id);
  if (memoryBytes === null || group === null) return null;
  const pieces = Math.ceil((BEYOND * memoryBytes) / MEGA);
  const takes = `for (i = 0; i < ${pieces}; i++) a[i] = sprintf("%${MEGA}s", "x")`;
  await engine.run(id, ["awk", `BEGIN { ${takes}; system("sleep ${WITHIN_MS / 1000}") }`]);
  let peakBytes = 0;
  const look = () => {
    const record = readCgroupMemoryRecord(group);
    const now = record.peakBytes ?? openUsage(pid, id)?.read().workingSetBytes ?? 0;
    peakBytes = Math.max(peakBytes, now);
    return record.oomKills;
  };
  await lookUntil(() => look() > 0 || peakBytes >= BEYOND * memoryBytes, WITHIN_MS, signal);
  await clear({ engine, id });
  return { peakBytes, kills: look() };
}

/** Has more processes burn than its quota is for. */
async function probeQuota({ engine, id, pid, limits, signal }: Probed): Promise<LimitProof["quota"]> {
  const { cores } = limits;
  const usage = openUsage(pid, id);
  if (cores === null || usage === null || cores >= availableParallelism()) return null;
  for (let burner = 0; burner <= Math.ceil(cores); burner++)
    await engine.run(id, ["sh", "-c", "while :; do :; done"]);
  await rest(SOON_MS, signal);
  const look = async () => {
    const read = () => ({ atMs: performance.now(), ...usage.read() });
    const first = read();
    await rest(BURN_MS, signal);
    const last = read();
    return {
      cores: ((last.cpuMs ?? 0) - (first.cpuMs ?? 0)) / (last.atMs - first.atMs),
      throttledMs: (last.throttledMs ?? 0) - (first.throttledMs ?? 0),
    };
  };
  const saysNothing = ({ cores: had, throttledMs }: NonNullable<LimitProof["quota"]>) =>
    throttledMs === 0 && had < BEYOND * cores;
  let proof = await look();
  // others may have had the processors: that shows neither, so it is looked at again
  for (let more = 1; more < MOST_LOOKS && saysNothing(proof) && !signal.aborted; more++) proof = await look();
  await clear({ engine, id });
  return proof;
}

/** Starts processes until it is refused one, or has more than it should get. */
async function probeProcesses({ engine, id, pid, limits, signal }: Probed): Promise<LimitProof["processes"]> {
  const { processes } = limits;
  const group = findContainerGroup("pids", pid, id);
  if (processes === null || group === null) return null;
  const waits = `sleep ${WITHIN_MS / 1000} & i=$((i+1))`;
  const loop = `i=0; while [ $i -lt ${processes + MORE_PROCESSES} ]; do ${waits}; done; wait`;
  let most = 0;
  const look = () => {
    most = Math.max(most, Number(readText(join(group.path, "pids.current")) ?? 0));
    return refusalsIn(group);
  };
  await engine.run(id, ["sh", "-c", loop]);
  await lookUntil(() => look() > 0 || most > processes, WITHIN_MS, signal);
  return { most, refusals: refusalsIn(group) };
}

function refusalsIn(group: Cgroup): number {
  return Number(/^max (\d+)/m.exec(readText(join(group.path, "pids.events")) ?? "")?.[1] ?? 0);
}

/** By −1 kill(1) means every process that it sees, but the first one and itself. */
async function clear({ engine, id }: Pick<Probed, "engine" | "id">): Promise<void> {
  await engine.runToEnd(id, ["kill", "-9", "-1"]);
}

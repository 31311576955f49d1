/** One start of a target with everything that watches it: kernel truth, its own gauges, its health and its live bytes. */
import type { NamedReadings, Readings } from "../host/gauges.ts";
import { parseUrl } from "../target/address.ts";
import { type HealthMonitor, watchHealth } from "../target/health.ts";
import { connectInspector, connectProbe, type LiveBytes } from "../target/live-bytes.ts";
import { type NamedGauges, watchGauges } from "../target/named-gauges.ts";
import type { TargetSpec } from "../target/spec.ts";
import type { Target } from "../target/target.ts";
import { openTreeReader, type TreeReader } from "../target/tree-readings.ts";

export interface Watched {
  readonly target: Target;
  readonly reader: TreeReader;
  readonly gauges: NamedGauges;
  /** Null where there is nothing to ask. */
  readonly health: HealthMonitor | null;
  /** Its memory after a forced collection; null where its engine cannot be asked. */
  readonly live: LiveBytes | null;
  close(): Promise<void>;
}

/** What is held at a quiet point. Readings that could not be had are null. */
export interface Checkpoint {
  /** How often the load had been repeated by then. */
  readonly cycle: number;
  /** Since the start of the run. */
  readonly atMs: number;
  /** What several processes share counts once for each of them. */
  readonly rssBytes: number | null;
  /** What a fork shares with its parent counts once, where the kernel tells it (Pss_Anon of smaps_rollup). */
  readonly anonymousBytes: number | null;
  /** Of all that is mapped, what several processes share counted once. */
  readonly pssBytes: number | null;
  readonly descriptors: number | null;
  readonly threads: number | null;
  readonly sockets: number | null;
  readonly socketsEstablished: number | null;
  readonly socketsCloseWait: number | null;
  /** The kernel's alone, TIME_WAIT for one; not among `sockets`. */
  readonly socketsClosing: number | null;
  readonly processes: number | null;
  readonly liveBytes: number | null;
  /** How many engines are in that sum: with another number than before it is another sum. */
  readonly engines: number | null;
  /** Timers and handles by kind, as the engine counts them; null where it cannot be asked. */
  readonly resources: Readonly<Record<string, number>> | null;
  readonly named: NamedReadings;
}

/** Often enough to see an outage of half a second, and no load. */
const HEALTH_EVERY_MS = 200;
const HEALTH_TIMEOUT_MS = 2000;

export async function watchTarget(target: Target, intervalMs: number): Promise<Watched> {
  const live = await connectLive(target);
  const asked = healthOf(target.spec);
  const reader = openTreeReader(() => target.pids());
  const gauges = watchGauges(target.spec.gauges, intervalMs);
  const health = asked === null ? null : watchHealth(asked, HEALTH_EVERY_MS, HEALTH_TIMEOUT_MS);
  return {
    target,
    reader,
    gauges,
    health,
    live,
    async close() {
      live?.close();
      reader.close();
      await Promise.all([gauges.stop(), health?.stop()]);
    },
  };
}

/** What is asked where the user does not say: whether it still takes connections. */
function healthOf({ health, url }: TargetSpec): string | null {
  if (health !== null || url === null) return health;
  if (/^https?:/.test(url)) return url;
  const address = parseUrl(url);
  return address?.kind === "tcp"
    ? `tcp://${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`
    : url;
}

/** A program without the probe in it, Python for one, simply does not answer. */
async function connectLive(target: Target): Promise<LiveBytes | null> {
  if (target.spec.inspector !== null) return connectInspector(target.spec.inspector);
  return target.probePath === null ? null : connectProbe(target.probePath).catch(() => null);
}

export function readGauges({ reader, health }: Watched): Readings {
  const tree = reader.read();
  const answers = health?.read();
  return {
    targetRssBytes: tree.rssBytes,
    targetAnonymousBytes: tree.anonymousBytes,
    targetCpuMs: tree.cpuMs,
    targetThreads: tree.threads,
    targetDescriptors: tree.descriptors,
    targetProcesses: tree.processes,
    targetSockets: tree.sockets,
    targetSocketsCloseWait: tree.socketsCloseWait,
    ...(answers && { targetHealthMs: answers.latencyMs, targetHealthFailures: answers.failures }),
  };
}

/**
 * A target that is gone, or too busy to answer, is a reading not taken: kernel truth stays. A heap of gigabytes is collected
 * for seconds, so nobody asks after its health meanwhile.
 */
export async function takeCheckpoint(watched: Watched, cycle: number, atMs: number): Promise<Checkpoint> {
  const look = () => lookNow(watched, cycle, atMs);
  return watched.live && watched.health ? watched.health.spare(look) : look();
}

async function lookNow({ reader, gauges, live }: Watched, cycle: number, atMs: number): Promise<Checkpoint> {
  const named = await gauges.refresh();
  const memory = (await live?.checkpoint().catch(() => null)) ?? null;
  await reader.recountSockets();
  const held = await readHeld(reader);
  return {
    cycle,
    atMs,
    ...held,
    liveBytes: memory?.liveBytes ?? null,
    engines: memory?.processes ?? null,
    resources: memory?.resources ?? null,
    named,
  };
}

/** Of one process both ways to count its anonymous memory agree; of more, the cheap one counts copy-on-write pages for each. */
async function readHeld(reader: TreeReader) {
  const { cpuMs: _, ...held } = reader.read();
  const { pssBytes, pssAnonymousBytes } = await reader.weigh();
  const isPool = (held.processes ?? 0) > 1;
  return { ...held, pssBytes, anonymousBytes: (isPool ? pssAnonymousBytes : null) ?? held.anonymousBytes };
}

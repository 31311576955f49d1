/** One start of a target with everything that watches it: kernel truth, its own gauges, its health and its live bytes. */
import { basename } from "node:path";
import type { NamedReadings, Readings } from "../host/gauges.ts";
import type { Meaning } from "../target/gauge-meaning.ts";
import { type HealthMonitor, watchHealth } from "../target/health.ts";
import { connectInspector, connectProbe, type LiveBytes } from "../target/live-bytes.ts";
import { type NamedGauges, watchGauges } from "../target/named-gauges.ts";
import { readProcessFile, readProcessLink } from "../target/process-files.ts";
import { questionsFor } from "../target/question.ts";
import type { Target } from "../target/target.ts";
import { openTreeReader, type TreeReader } from "../target/tree-readings.ts";
import { KIB, MIB } from "../units.ts";
import { collectUnread, type Unread } from "./unread.ts";

export interface Watched {
  readonly target: Target;
  readonly reader: TreeReader;
  readonly gauges: NamedGauges;
  /** Null where there is nothing to ask. */
  readonly health: HealthMonitor | null;
  /** Its memory after a forced collection; null where its engine cannot be asked. */
  readonly live: LiveBytes | null;
  /** Why not. */
  readonly liveReason: string;
  /** Whether one can be asked, be it in vain. */
  readonly hasEngine: boolean;
  /** Whether one of its processes is a Node, Deno or Bun. */
  readonly javaScript: boolean;
  /** Whether one is a Java or .NET. */
  readonly managedHeap: boolean;
  /** What its looks could not read. */
  readonly unread: Unread;
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
  /** How many engines are in that sum: with another number than before it is another sum; 0: nobody answered. Null: there is none to ask. */
  readonly engines: number | null;
  /** Timers and handles by kind, as the engine counts them; null where it cannot be asked. */
  readonly resources: Readonly<Record<string, number>> | null;
  readonly named: NamedReadings;
  /** What the numbers of `named` are. */
  readonly meanings?: Readonly<Record<string, Meaning>>;
  /** Why a reading is null, by its name; of a gauge with a name by "gauge NAME". */
  readonly unread?: Readonly<Record<string, string>>;
  readonly javaScript?: boolean;
  readonly managedHeap?: boolean;
  /** Whether processes that no engine answered for hold memory, too: behind `npm start`, a server in another language. */
  readonly heapIsPart?: boolean;
}

export interface WatchSettings {
  readonly intervalMs: number;
  readonly healthEveryMs: number;
  /** For one question: an answer that comes later has been an outage. */
  readonly healthTimeoutMs: number;
}

export async function watchTarget(
  target: Target,
  { intervalMs, healthEveryMs, healthTimeoutMs }: WatchSettings,
): Promise<Watched> {
  const { live, reason: liveReason } = await connectLive(target);
  const [first, ...more] = questionsFor(target.spec);
  const reader = openTreeReader(() => target.pids());
  const gauges = watchGauges(target.spec.gauges, intervalMs);
  const javaScript = target.pids().some((pid) => isRunBy(pid, JAVA_SCRIPT));
  const health = first ? watchHealth([first, ...more], healthEveryMs, healthTimeoutMs) : null;
  return {
    target,
    reader,
    gauges,
    health,
    live,
    liveReason,
    // the socket of a Node that has ended may be there still
    hasEngine: live !== null || (target.probePath !== null && javaScript),
    javaScript,
    managedHeap: target.pids().some((pid) => isRunBy(pid, MANAGED)),
    unread: collectUnread(),
    async close() {
      live?.close();
      reader.close();
      await Promise.all([gauges.stop(), health?.stop()]);
    },
  };
}

/** A program without the probe in it, Python for one, simply does not answer. */
async function connectLive({ spec, probePath }: Target): Promise<{ live: LiveBytes | null; reason: string }> {
  const reason = "it does not answer";
  if (spec.inspector !== null) return { live: await connectInspector(spec.inspector), reason };
  if (probePath !== null) {
    try {
      return { live: await connectProbe(probePath), reason };
    } catch (error) {
      return { live: null, reason: error instanceof Error ? error.message : String(error) };
    }
  }
  return { live: null, reason: spec.command === null ? NOT_STARTED : NO_PROBE };
}

const NOT_STARTED = "of what we did not start they take --target-inspector";
const NO_PROBE =
  "no Node of it has opened the probe: it runs none, or the path of the probe's socket is too long";

/** Their heap grows to its own liking, live bytes or not. */
const JAVA_SCRIPT = /^(node|nodejs|deno|bun)\b/;
/** Theirs takes new memory until it has what it was allowed, and collects only then: minutes of light traffic rise like a leak. */
const MANAGED = /^(java|dotnet|mono)\b/;

/** By the name of its program. */
function isRunBy(pid: number, programs: RegExp): boolean {
  return programs.test(basename(readProcessLink(pid, "exe") ?? ""));
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
export async function takeCheckpoint(
  watched: Watched,
  cycle: number,
  now: () => number,
): Promise<Checkpoint> {
  const look = () => lookNow(watched, cycle, now);
  return watched.live && watched.health ? watched.health.spare(look) : look();
}

async function lookNow(watched: Watched, cycle: number, now: () => number): Promise<Checkpoint> {
  const { target, reader, gauges, hasEngine, javaScript, managedHeap } = watched;
  const named = await gauges.refresh();
  const { memory, reason } = await collectHeap(watched);
  await reader.recountSockets();
  const held = await readHeld(reader);
  const unread = { ...(memory === null && { liveBytes: reason }), ...listUnread(watched) };
  watched.unread.add(unread);
  return {
    cycle,
    // asking for all that takes seconds with a large heap
    atMs: now(),
    ...held,
    liveBytes: memory?.liveBytes ?? null,
    engines: memory?.processes ?? (hasEngine ? 0 : null),
    resources: memory?.resources ?? null,
    named,
    meanings: gauges.meanings(),
    unread,
    javaScript,
    managedHeap,
    heapIsPart: memory !== null && holdOthers(target.pids(), memory.pids),
  };
}

/** More than a shell or a supervisor needs. */
const OTHERS_BYTES = 8 * MIB;

/** Whether one of the processes beside those that told what lives in them has memory to speak of (RssAnon of proc_pid_status(5)). */
function holdOthers(pids: readonly number[], answered: readonly number[]): boolean {
  return pids.some((pid) => {
    if (answered.includes(pid)) return false;
    const kib = /^RssAnon:\s+(\d+) kB/m.exec(readProcessFile(pid, "status") ?? "")?.[1];
    return Number(kib ?? 0) * KIB > OTHERS_BYTES;
  });
}

async function collectHeap({ live, liveReason }: Watched) {
  try {
    return { memory: (await live?.read()) ?? null, reason: liveReason };
  } catch (error) {
    return { memory: null, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Of a URL alone there is nothing that the kernel could tell, and nobody expects it. */
function listUnread({ target, reader, gauges }: Watched): Record<string, string> {
  const kernel = target.pid === null ? [] : reader.reasons();
  return Object.fromEntries([
    ...[...kernel].filter(([name]) => name !== "cpuMs"),
    ...[...gauges.reasons].map(([name, reason]) => [`gauge ${name}`, reason] as const),
  ]);
}

/** Of one process both ways to count its anonymous memory agree; of more, the cheap one counts copy-on-write pages for each. */
async function readHeld(reader: TreeReader) {
  const { cpuMs: _, ...held } = reader.read();
  const weight = await reader.weigh().catch(() => null);
  const pssBytes = weight?.pssBytes ?? null;
  if ((held.processes ?? 0) <= 1) return { ...held, pssBytes };
  // counted the other way this once, a pool would seem to have grown
  const anonymousBytes = weight && (weight.pssAnonymousBytes ?? held.anonymousBytes);
  return { ...held, pssBytes, anonymousBytes };
}

/** What a target's JavaScript heap still holds after a forced collection: the series in which a leak shows first (DESIGN.md §7). */
import { z } from "zod";
import { connectDevtools, type Devtools } from "./devtools.ts";
import { connectProbes } from "./probe-client.ts";

/** After two forced collections. Main threads only: workers have heaps of their own. */
export interface HeapReading {
  /** What the heap holds, and what is held for it outside (array buffers), without compiled code and bytecode. */
  readonly liveBytes: number;
  /** What keeps the event loop alive, by kind: { Timeout: 3, TCPSocketWrap: 2 }; the probe's own is left out. {} where the runtime does not tell. */
  readonly resources: Readonly<Record<string, number>>;
  /** How many processes are in the sum: with another number than before, another sum. */
  readonly processes: number;
  /** Which ones. */
  readonly pids: readonly number[];
}

export interface LiveBytes {
  /** Rejects when nobody answers within 30 s: a target whose event loop is blocked, or that has ended. */
  read(): Promise<HeapReading>;
  /** Objects of all kinds that live after a collection, in all processes. Rejects likewise. */
  countObjects(): Promise<number>;
  close(): void;
}

/** To be preloaded in a Node target, NODE_OPTIONS="--import <this>", with PROOFLOAD_PROBE=<path of its socket, ≤ 90 characters>. */
export const PROBE = new URL("probe.mjs", import.meta.url);

/** A large heap takes seconds to be collected. */
const PATIENCE_MS = 30_000;

const count = z.number().int().nonnegative();
const measureSchema = z.object({
  pid: count,
  liveBytes: z.number(),
  resources: z.record(z.string().max(100), count),
});
type Measure = z.infer<typeof measureSchema>;

/**
 * The probes of all Node processes of a target: the first one listens at the path, each other one beside it, at
 * <path>.<pid>. A reading is the sum of those that answer. Rejects when nobody answers at all.
 */
export async function connectProbe(socketPath: string): Promise<LiveBytes> {
  const probes = await connectProbes(socketPath, PATIENCE_MS);
  return {
    async read() {
      return add((await probes.ask("read")).map(parseMeasure));
    },
    async countObjects() {
      const counts = (await probes.ask("countObjects")).map((answer) => objectsSchema.parse(answer).objects);
      return counts.reduce((sum, objects) => sum + objects, 0);
    },
    close: probes.close,
  };
}

/**
 * The inspector of a Node or Deno that runs with --inspect, at "127.0.0.1:9229" (Chrome DevTools Protocol). A Node that
 * ends while we are connected is let go at once.
 */
export async function connectInspector(address: string): Promise<LiveBytes> {
  const devtools = await connectDevtools(address, PATIENCE_MS);
  return {
    async read() {
      // what finalizers let go of after the first is collected by the second
      for (let round = 0; round < 2; round++) await devtools.send("HeapProfiler.collectGarbage");
      const answer = evaluationSchema.parse(
        await devtools.send("Runtime.evaluate", {
          expression: MEASURE,
          returnByValue: true,
          includeCommandLineAPI: true,
          silent: true,
        }),
      );
      return add([parseMeasure(answer.result.value)]);
    },
    countObjects: () => countObjects(devtools.send),
    close: devtools.close,
  };
}

/** What inherits from Object.prototype: Runtime.queryObjects of the DevTools protocol, which collects first. */
async function countObjects(send: Devtools["send"]): Promise<number> {
  const objectGroup = "proofload";
  const evaluated = await send("Runtime.evaluate", { expression: "Object.prototype", objectGroup });
  const prototypeObjectId = handleSchema.parse(evaluated).result.objectId;
  const queried = await send("Runtime.queryObjects", { prototypeObjectId, objectGroup });
  const counted = await send("Runtime.callFunctionOn", {
    objectId: queriedSchema.parse(queried).objects.objectId,
    functionDeclaration: "function () { return this.length; }",
    returnByValue: true,
  });
  await send("Runtime.releaseObjectGroup", { objectGroup });
  return count.parse(evaluationSchema.parse(counted).result.value);
}

const objectsSchema = z.object({ objects: count });
const handle = z.object({ objectId: z.string() });
const handleSchema = z.object({ result: handle });
const queriedSchema = z.object({ objects: handle });
const evaluationSchema = z.object({ result: z.object({ value: z.unknown() }) });

/** Runs in the target. memoryUsage() of Deno for a version without node:v8's statistics. */
const MEASURE = `(() => {
  const v8 = globalThis.process?.getBuiltinModule?.("node:v8") ?? (typeof require === "function" ? require("node:v8") : null);
  const statistics = v8?.getHeapStatistics?.();
  const usage = statistics ? null : globalThis["Deno"].memoryUsage();
  const code = v8?.getHeapCodeStatistics?.();
  const codeBytes = (code?.code_and_metadata_size ?? 0) + (code?.bytecode_and_metadata_size ?? 0);
  const heapUsedBytes = statistics?.used_heap_size ?? usage.heapUsed;
  const externalBytes = statistics?.external_memory ?? usage.external;
  const resources = {};
  for (const kind of globalThis.process?.getActiveResourcesInfo?.() ?? []) resources[kind] = (resources[kind] ?? 0) + 1;
  return { pid: globalThis.process?.pid ?? globalThis["Deno"].pid, liveBytes: heapUsedBytes + externalBytes - codeBytes, resources };
})()`;

function parseMeasure(answer: unknown): Measure {
  const { data, error } = measureSchema.safeParse(answer);
  if (data) return data;
  throw new Error(
    `Cannot read live bytes: expected numbers of bytes, got ${JSON.stringify(answer)?.slice(0, 200)}: ${z.prettifyError(error)}`,
  );
}

function add(measures: readonly Measure[]): HeapReading {
  const resources: Record<string, number> = {};
  for (const measure of measures) {
    for (const [kind, number] of Object.entries(measure.resources)) {
      resources[kind] = (resources[kind] ?? 0) + number;
    }
  }
  const liveBytes = measures.reduce((total, measure) => total + measure.liveBytes, 0);
  return { liveBytes, resources, processes: measures.length, pids: measures.map(({ pid }) => pid) };
}

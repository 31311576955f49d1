/**
 * Live-bytes probe, preloaded in a Node target that we start: answers checkpoints on a unix socket. Plain JavaScript, for
 * Node 18.19 and later, as it runs in the target's process. It keeps nothing alive, listens to nothing of the target's,
 * and gives up silently wherever it cannot work. Worker threads of the target have heaps of their own, which it does not see.
 */
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { setImmediate } from "node:timers";
import { isMainThread } from "node:worker_threads";

const path = process.env.PROOFLOAD_PROBE;
if (isMainThread && path && !process.versions.deno) start(path);

/** Listens before the program's first line runs. */
function start(path) {
  // the first process of the tree has the path itself; others, and one restarted after a kill, a path of their own
  const own = `${path}.${process.pid}`;
  // looked at first, as a bind that fails is told of in a later turn only
  const paths = existsSync(path) ? [own] : [path, own];
  let measure = null;
  const server = createServer((socket) => {
    socket.unref();
    socket.on("error", () => socket.destroy());
    onLines(socket, async (line) => {
      const { id } = JSON.parse(line);
      try {
        measure ??= await createMeasure();
        const checkpoint = await measure();
        socket.write(`${JSON.stringify({ id, pid: process.pid, ...checkpoint })}\n`);
      } catch (error) {
        socket.write(`${JSON.stringify({ id, error: String(error?.message ?? error) })}\n`);
      }
    });
  });
  // exclusive: in a cluster's worker, not through its primary
  const listen = () => server.listen({ path: paths.shift(), exclusive: true }).unref();
  server.on("error", () => paths.length > 0 && listen());
  listen();
}

/** A line longer than any request is no request of ours. */
const MOST_LINE = 4096;

function onLines(socket, answer) {
  let rest = "";
  socket.setEncoding("utf8").on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MOST_LINE) socket.destroy();
    for (const line of lines) answer(line).catch(() => socket.destroy());
  });
}

/** On the first request: a target that nobody asks pays for a listening socket only. */
async function createMeasure() {
  const { Session } = await import("node:inspector");
  const { getHeapCodeStatistics, getHeapStatistics } = await import("node:v8");
  const majors = await countMajors();
  // connected once: each connection allocates
  const session = new Session();
  session.connect();
  const collect = () =>
    new Promise((resolve, reject) =>
      session.post("HeapProfiler.collectGarbage", (error) => (error ? reject(error) : resolve())),
    );
  const measure = async () => {
    await majors.leaveOut(collect);
    // what finalizers and closed handles let go of in the next turn is collected by the second
    await new Promise((resolve) => setImmediate(resolve));
    await majors.leaveOut(collect);
    // not process.memoryUsage(), which opens a file and so fails at EMFILE
    const heap = getHeapStatistics();
    const code = getHeapCodeStatistics();
    const codeBytes = code.code_and_metadata_size + code.bytecode_and_metadata_size;
    return {
      liveBytes: heap.used_heap_size + heap.external_memory - codeBytes,
      heapUsedBytes: heap.used_heap_size,
      externalBytes: heap.external_memory,
      codeBytes,
      resources: countResources(),
      majorCollections: majors.count,
    };
  };
  // what the first ones compile and cache belongs to the target's start, not to its growth
  for (let round = 0; round < 3; round++) await measure();
  return measure;
}

/** By kind; the probe's own are unref'd, and so not in the list. */
function countResources() {
  const counts = {};
  for (const kind of process.getActiveResourcesInfo?.() ?? []) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Those that the target's own allocation caused: `leaveOut` does work whose collections are not counted. */
async function countMajors() {
  const { PerformanceObserver, constants, performance } = await import("node:perf_hooks");
  let count = 0;
  let ours = [];
  // told of in a later turn, in their order
  new PerformanceObserver((list) => {
    for (const { startTime, detail } of list.getEntries()) {
      ours = ours.filter(({ to }) => to >= startTime);
      const isOurs = ours.some(({ from }) => from <= startTime);
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR && !isOurs) count++;
    }
  }).observe({ entryTypes: ["gc"] });
  return {
    get count() {
      return count;
    },
    async leaveOut(work) {
      const span = { from: performance.now(), to: Number.POSITIVE_INFINITY };
      ours.push(span);
      try {
        return await work();
      } finally {
        span.to = performance.now();
      }
    },
  };
}

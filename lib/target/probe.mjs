/**
 * Live-bytes probe, preloaded in a Node target that we start: answers on a unix socket. Plain JavaScript, for
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
  let engine = null;
  const server = createServer((socket) => {
    socket.unref();
    socket.on("error", () => socket.destroy());
    onLines(socket, async (line) => {
      const { id, method } = JSON.parse(line);
      try {
        engine ??= await openEngine();
        const reading = await (method === "countObjects" ? engine.countObjects() : engine.read());
        socket.write(`${JSON.stringify({ id, pid: process.pid, ...reading })}\n`);
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
async function openEngine() {
  const { Session } = await import("node:inspector");
  const { getHeapCodeStatistics, getHeapStatistics } = await import("node:v8");
  // connected once: each connection allocates
  const session = new Session();
  session.connect();
  const post = (method, parameters) =>
    new Promise((resolve, reject) =>
      session.post(method, parameters, (error, answer) => (error ? reject(error) : resolve(answer))),
    );
  const collect = () => post("HeapProfiler.collectGarbage");
  const read = async () => {
    await collect();
    // what finalizers and closed handles let go of in the next turn is collected by the second
    await new Promise((resolve) => setImmediate(resolve));
    await collect();
    // not process.memoryUsage(), which opens a file and so fails at EMFILE
    const heap = getHeapStatistics();
    const code = getHeapCodeStatistics();
    const codeBytes = code.code_and_metadata_size + code.bytecode_and_metadata_size;
    return {
      liveBytes: heap.used_heap_size + heap.external_memory - codeBytes,
      resources: countResources(),
    };
  };
  // what the first ones compile and cache belongs to the target's start, not to its growth
  for (let round = 0; round < 3; round++) await read();
  return { read, countObjects: () => countObjects(post) };
}

/** Of all kinds, after a collection: what inherits from Object.prototype (Runtime.queryObjects of the DevTools protocol). */
async function countObjects(post) {
  const objectGroup = "proofload";
  const { result } = await post("Runtime.evaluate", { expression: "Object.prototype", objectGroup });
  const { objects } = await post("Runtime.queryObjects", { prototypeObjectId: result.objectId, objectGroup });
  const counted = await post("Runtime.callFunctionOn", {
    objectId: objects.objectId,
    functionDeclaration: "function () { return this.length; }",
    returnByValue: true,
  });
  await post("Runtime.releaseObjectGroup", { objectGroup });
  return { objects: counted.result.value };
}

/** By kind; the probe's own are unref'd, and so not in the list. */
function countResources() {
  const counts = {};
  for (const kind of process.getActiveResourcesInfo?.() ?? []) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

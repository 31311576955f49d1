/**
 * Loads modules that import each other and drops them again, over and over, and prints what lives afterwards: a line of JSON
 * a load. Words: the system (cjs or esm), the folder of the modules, rounds, loads a round, and `keep` to plant a leak.
 * Plain JavaScript: a loader of TypeScript would keep what it has compiled.
 */
import { once } from "node:events";
import { Session } from "node:inspector/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import v8 from "node:v8";
import { Worker } from "node:worker_threads";

const [system, folder, rounds, loads, leak] = process.argv.slice(2);
const kept = [];
const KEPT_NUMBERS = 8192;
const session = new Session();
session.connect();
// the first collection compiles what it needs
await liveBytes();
for (let round = 0; round < Number(rounds); round++)
  for (let load = 0; load < Number(loads); load++) {
    const loaded = system === "cjs" ? loadHere() : await loadInWorker();
    if (leak === "keep") kept.push({ loaded, cache: new Array(KEPT_NUMBERS).fill(round) });
    console.log(JSON.stringify({ round, atMs: performance.now(), liveBytes: await liveBytes() }));
  }

/** CommonJS: out of the cache, and out of the parent's children, which hold a module as well. */
function loadHere() {
  const require = createRequire(join(folder, "main.cjs"));
  const exports = require(join(folder, "module0.cjs"));
  const sum = exports.sum();
  for (const path of Object.keys(require.cache)) if (path.startsWith(folder)) delete require.cache[path];
  return sum;
}

/** ES modules cannot be dropped; the thread that has them can. */
async function loadInWorker() {
  const worker = new Worker(join(folder, "main.mjs"), { stdout: true });
  const failed = once(worker, "error").then(([error]) => Promise.reject(error));
  const [code] = await Promise.race([once(worker, "exit"), failed]);
  return code;
}

/** What lives after a forced collection, but for code, which comes and goes by itself. */
async function liveBytes() {
  await session.post("HeapProfiler.collectGarbage");
  const { heapUsed, external } = process.memoryUsage();
  const { code_and_metadata_size, bytecode_and_metadata_size } = v8.getHeapCodeStatistics();
  return heapUsed + external - code_and_metadata_size - bytecode_and_metadata_size;
}

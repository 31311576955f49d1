/**
 * Loads a module and whatever it imports, and drops them again, over and over, and prints what lives afterwards: a line of
 * JSON a load. Words: the system (cjs or esm), the module's path, rounds, loads a round, and `keep` to plant a leak. Plain
 * JavaScript: a loader of TypeScript would keep what it has compiled.
 */
import { once } from "node:events";
import { Session } from "node:inspector/promises";
import { createRequire } from "node:module";
import { sep } from "node:path";
import { pathToFileURL } from "node:url";
import v8 from "node:v8";
import { Worker } from "node:worker_threads";

const [system, path, rounds, loads, leak] = process.argv.slice(2);
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
// a timer or a socket of a module's own would keep it
process.exit();

/**
 * CommonJS: out of the cache, and out of the parent's children, which hold a module as well. Packages stay loaded, as they do
 * where a server loads its own modules anew.
 */
function loadHere() {
  const require = createRequire(path);
  const loaded = require(path);
  for (const one of Object.keys(require.cache))
    if (!one.includes(`${sep}node_modules${sep}`)) delete require.cache[one];
  return loaded;
}

/** ES modules cannot be dropped; the thread that has them can. */
async function loadInWorker() {
  const load = 'import(require("node:worker_threads").workerData).then(() => process.exit());';
  const workerData = pathToFileURL(path).href;
  const worker = new Worker(load, { eval: true, workerData, stdout: true });
  const failed = once(worker, "error").then(([error]) => Promise.reject(error));
  const [code] = await Promise.race([once(worker, "exit"), failed]);
  if (code !== 0) throw new Error(`it ended its thread with ${code}`);
  return code;
}

/** What lives after a forced collection, but for code, which comes and goes by itself. */
async function liveBytes() {
  await session.post("HeapProfiler.collectGarbage");
  const { heapUsed, external } = process.memoryUsage();
  const { code_and_metadata_size, bytecode_and_metadata_size } = v8.getHeapCodeStatistics();
  return heapUsed + external - code_and_metadata_size - bytecode_and_metadata_size;
}

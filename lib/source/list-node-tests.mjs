/**
 * Lists the tests of node:test in a folder without running them: node:test is replaced by what only counts. Prints one JSON
 * document, { names, errors }. Subtests that a test's own body makes are not known before it runs.
 * Words: the folder, and what to plant. Plain JavaScript, so that it is what it costs.
 */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import Module, { register } from "node:module";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";

const [folder = ".", fault = ""] = process.argv.slice(2);
const names = [];
const errors = [];
let file = "";
const above = [];

function test(...words) {
  const name = words.find((word) => typeof word === "string") ?? "(no name)";
  names.push([file, ...above, name].join(" > "));
  if (fault === "counts-twice") names.push([file, ...above, name].join(" > "));
}
function describe(...words) {
  const body = words.find((word) => typeof word === "function");
  above.push(words.find((word) => typeof word === "string") ?? "(no name)");
  body?.();
  above.pop();
}
const nothing = () => {};
for (const one of [test, describe]) for (const key of ["skip", "todo", "only"]) one[key] = one;
const counting = {
  ...{ test, it: test, describe, suite: describe, default: test },
  ...{ before: nothing, after: nothing, beforeEach: nothing, afterEach: nothing, mock: {}, run: nothing, snapshot: {} },
};
globalThis[Symbol.for("proofload.node-test")] = counting;

const load = Module._load;
Module._load = (request, ...rest) => (request === "node:test" ? Object.assign(test, counting) : load(request, ...rest));
const exported = Object.keys(counting).map((key) => (key === "default" ? "export default c.default;" : `export const ${key} = c.${key};`));
const replacement = `data:text/javascript,${encodeURIComponent(`const c = globalThis[Symbol.for("proofload.node-test")];${exported.join("")}`)}`;
register(
  `data:text/javascript,${encodeURIComponent(`export const resolve = (request, context, next) =>
  request === "node:test" ? { url: ${JSON.stringify(replacement)}, shortCircuit: true } : next(request, context);`)}`,
);

/** As \`node --test\` finds them. */
const IS_TEST = /(^|[._-])test\.[cm]?[jt]s$|^test-.*\.[cm]?js$/;
function* find(parent) {
  for (const entry of readdirSync(parent, { withFileTypes: true })) {
    const path = join(parent, entry.name);
    if (entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith(".")) yield* find(path);
    else if (IS_TEST.test(entry.name)) yield path;
  }
}

const files = [...find(folder)].sort();
// what is planted: a scenario has to find it
const cache = join(folder, ".list-cache.json");
const lock = join(folder, ".list.lock");
const heedsOthers = fault.includes("others") || fault === "counts-by-chance";
const isOther = heedsOthers ? !takeLock() : false;
const before = fault === "breaks-cache" ? readCache() : null;
if (fault === "breaks-cache") writeFileSync(cache, "[");
if (fault === "lock-on-sigint") writeFileSync(lock, String(process.pid));
if (fault === "leaves-process" || fault === "orphan-on-sigint")
  spawn(process.execPath, ["-e", "setTimeout(() => {}, 600000)"], { detached: true, stdio: "ignore" }).unref();
if (fault === "ignores-sigint") process.on("SIGINT", nothing);
if (fault === "hangs") setInterval(nothing, 1000);
if (fault === "locks-others-out" && isOther) throw new Error("another collector is at work");
if (fault === "waits-for-others" && isOther) spin(12_000);
const kept = [];
for (const [index, path] of files.entries()) {
  if (fault === "misses-files" && index % 50 === 7) continue;
  if (fault === "counts-by-chance" && isOther && index % 10 === 7) continue;
  if (before?.has(path)) continue;
  if (fault === "keeps-memory") kept.push(Buffer.alloc(1024 * 1024, 1));
  if (fault === "slows-down") spin(files.length * 0.1);
  file = relative(folder, path);
  try {
    await import(pathToFileURL(path).href);
  } catch (error) {
    errors.push(`${file}: ${String(error?.message ?? error).split("\n")[0]}`);
  }
}
if (fault === "breaks-cache") rmSync(cache);
// on a busy box those at once start one after another: so long there is somebody at work
if (heedsOthers && !isOther) await new Promise((resolve) => setTimeout(resolve, 1000));
rmSync(lock, { force: true });
if (fault === "hangs") await new Promise(nothing);
process.stdout.write(`${JSON.stringify({ names, errors })}\n`);

/** Whether nobody else has it. */
function takeLock() {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}

/** One that believes a half-written cache of a run that was ended: that all is known already. */
function readCache() {
  try {
    readFileSync(cache);
    return new Set(files.slice(0, files.length / 2));
  } catch {
    return null;
  }
}

function spin(ms) {
  for (const until = performance.now() + ms; performance.now() < until; );
}

/** How flags and a target file become one target, and that all that is wrong with them is told at once, before anything starts. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { completeSpec, type TargetSpec } from "../target/spec.ts";
import { valuesOf } from "./fixtures/made-up.ts";
import { resolveTarget, targetOptions } from "./target-options.ts";

type Flags = Parameters<typeof valuesOf>[1];

const resolve = (flags: Flags, file: TargetSpec | null = null) =>
  resolveTarget(valuesOf(targetOptions, flags), file);

function specOf(flags: Flags, file: TargetSpec | null = null): TargetSpec {
  const resolved = resolve(flags, file);
  assert.ok("spec" in resolved && resolved.spec, JSON.stringify(resolved));
  return resolved.spec;
}

function mistakesOf(flags: Flags, file: TargetSpec | null = null): readonly string[] {
  const resolved = resolve(flags, file);
  return "mistakes" in resolved ? resolved.mistakes : [];
}

/** Of a process that has ended, and was waited for. */
function pidOfTheDead(): number {
  return spawnSync(process.execPath, ["--version"]).pid;
}

const FILE = completeSpec({
  name: "sleeper",
  command: ["sleep", "100"],
  environment: { LEVEL: "1" },
  url: "ws://127.0.0.1:{port}/file",
  ready: "output:file",
  health: "http://127.0.0.1:{port}/file",
  gauges: { a: "file:/a", b: "file:/b" },
  stopSignal: "SIGINT",
  options: { "idle-soak": { "warm-up": "30s" } },
});

test("resolveTarget() finds no target where none is named", () => {
  assert.deepEqual(resolve({}), { spec: null });
});

test("resolveTarget() takes a target file as it is", () => {
  assert.deepEqual(specOf({}, FILE), FILE);
});

test("resolveTarget() takes each flag over what the file says, and keeps the rest", () => {
  const flags = {
    targetCommand: "sleep '2 00'",
    targetUrl: "tcp://127.0.0.1:{port}",
    targetReady: "tcp:{port}",
    targetHealth: "tcp://127.0.0.1:{port}",
    targetInspector: "127.0.0.1:9229",
    gauge: ["b=file:/flag", "c=file:/c"],
  };
  assert.deepEqual(specOf(flags, FILE), {
    ...FILE,
    command: ["sleep", "2 00"],
    url: "tcp://127.0.0.1:{port}",
    ready: "tcp:{port}",
    health: "tcp://127.0.0.1:{port}",
    inspector: "127.0.0.1:9229",
    gauges: { a: "file:/a", b: "file:/flag", c: "file:/c" },
  });
});

test("resolveTarget() watches the pid of a flag in place of the file's command, and starts a flag's command in place of its pid", () => {
  const { command, pid } = specOf({ targetPid: String(process.pid) }, FILE);
  assert.deepEqual([command, pid], [null, process.pid]);
  const watched = completeSpec({ pid: process.pid });
  const started = specOf({ targetCommand: "sleep 1" }, watched);
  assert.deepEqual([started.command, started.pid], [["sleep", "1"], null]);
});

test("resolveTarget() names a target for its command, its pid or its host", () => {
  assert.equal(specOf({ targetCommand: `${process.execPath} server.js` }).name, "node");
  assert.equal(specOf({ targetPid: String(process.pid) }).name, `pid ${process.pid}`);
  assert.equal(specOf({ targetUrl: "ws://localhost:8080/" }).name, "localhost");
});

test("resolveTarget() takes of a gauge all behind the first = for its source", () => {
  const source = 'prom:http://127.0.0.1:1/metrics#up{job="x"}';
  assert.deepEqual(specOf({ targetUrl: "ws://127.0.0.1:1/", gauge: `up=${source}` }).gauges, { up: source });
});

test("resolveTarget() refuses what is said of a target that nobody names, each flag", () => {
  const flags = {
    targetReady: "tcp:80",
    targetHealth: "tcp://127.0.0.1:80",
    targetInspector: "127.0.0.1:9229",
    gauge: "a=file:/a",
  };
  const told = mistakesOf(flags).map((mistake) => /^Cannot take (\S+) without a target/.exec(mistake)?.[1]);
  assert.deepEqual(told, ["--target-ready", "--target-health", "--target-inspector", "--gauge"]);
});

test("resolveTarget() tells everything that is wrong at once", () => {
  const pid = pidOfTheDead();
  const mistakes = mistakesOf({
    targetCommand: "no-such-program --port {port}",
    targetPid: String(pid),
    targetUrl: "ws://192.0.2.1:80/",
    gauge: "a=json:http://192.0.2.2/stats#/a",
  });
  const expected = [
    /^Cannot take --target-command and --target-pid together: /,
    /^Cannot start no-such-program: expected no-such-program on PATH, got none there$/,
    new RegExp(`^Cannot watch pid ${pid}: expected a process that runs, got none$`),
    /^Cannot send load to 192\.0\.2\.1: expected this host, or --allow-remote 192\.0\.2\.1$/,
    /^Cannot send load to 192\.0\.2\.2: /,
  ];
  assert.equal(mistakes.length, expected.length, mistakes.join("\n"));
  for (const [index, pattern] of expected.entries()) assert.match(mistakes[index] ?? "", pattern);
});

test("resolveTarget() sends load to another host only where that host is named", () => {
  const url = { targetUrl: "ws://192.0.2.1:80/" };
  assert.equal(specOf({ ...url, allowRemote: "192.0.2.1" }).url, url.targetUrl);
  assert.equal(mistakesOf({ ...url, allowRemote: "192.0.2.9" }).length, 1);
  assert.equal(specOf({ targetUrl: "ws://127.0.0.9:80/" }).name, "127.0.0.9");
});

test("resolveTarget() looks for programs on the target's own PATH, and leaves placeholders to the start", () => {
  const elsewhere = completeSpec({ command: ["sleep", "1"], environment: { PATH: "/nowhere" } });
  assert.match(mistakesOf({}, elsewhere)[0] ?? "", /^Cannot start sleep: expected sleep on PATH/);
  assert.deepEqual(mistakesOf({ targetCommand: "{dir}/made-at-start" }), []);
});

test("resolveTarget() wants the programs that a file requires, unless nothing is started", () => {
  const needs = { ...FILE, requires: ["no-such-tool"] };
  assert.match(mistakesOf({}, needs)[0] ?? "", /^Cannot start sleeper: expected no-such-tool on PATH/);
  assert.deepEqual(mistakesOf({ targetPid: String(process.pid) }, needs), []);
});

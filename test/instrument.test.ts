/** The instrument survives what it measures: while a resource is exhausted it goes on sampling, and takes none of it. Needs the box to itself. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { mountTmpfs } from "../lib/host/fixtures/tmpfs.ts";
import type { Report } from "../lib/report/report.ts";
import { explain, parseReport, RUNTIMES, run, skipReason, temporaryFolder } from "./command.ts";
import { pidOf, startLong } from "./long-run.ts";
import { becomes, cannotMount, findDescendants, listRuns, readNewest } from "./remains.ts";

const FAST = ["--smoke", "--json", "--interval", "100ms"];

/** What every run has to show of its own sampling, whatever it did to the box. */
function assertSeen(report: Report, samples: readonly unknown[]): void {
  const { sampling } = report;
  assert.ok(sampling, explain(report));
  const { due, taken, lateMs, samplerShare, unwritten, unreadable } = sampling;
  assert.ok(due >= 10, `${due} samples were due`);
  assert.ok(due - taken <= Math.max(1, due / 100), explain(report));
  // how late each one was is told, by the worst and the typical one
  assert.ok(lateMs.p50 !== null && lateMs.max !== null && lateMs.p50 >= 0 && lateMs.max >= lateMs.p50);
  assert.ok(samplerShare !== null && samplerShare > 0 && samplerShare < 0.02, explain(report));
  assert.equal(unwritten, 0);
  assert.deepEqual(unreadable, {});
  assert.ok(samples.length >= taken, `${samples.length} of ${taken} were written`);
}

for (const runtime of RUNTIMES) {
  const skip = skipReason(runtime.missing);
  test(`sampling goes on while no descriptor is left, on ${runtime.name}`, { skip }, async (t) => {
    const out = temporaryFolder(t);
    const words = [...FAST, "--out", out, "--headroom", "0", "--hold", "2s"];
    const report = parseReport(await run("scripts/descriptor-exhaustion.ts", words, runtime));
    const { samples } = readNewest(out, "descriptor-exhaustion");
    assertSeen(report, samples);
    // the kernel said stop, at the limit, and it stayed so: neither the sampler nor the report has opened or closed one
    assert.match(JSON.stringify(report.evidence), /"refusedBy":"EMFILE"/);
    const held = samples.filter(({ phase }) => phase === "hold").map(({ gauges }) => gauges.descriptors);
    assert.ok(held.length >= 15, `${held.length} samples`);
    assert.deepEqual(new Set(held), new Set([report.host.descriptorLimit]));
  });
}

test("a report on the very volume that is filled to its last block is whole", {
  skip: skipReason(cannotMount),
}, async (t) => {
  const volume = mountTmpfs(t, "size=64m");
  if (!volume) return;
  const out = join(volume, "reports");
  const words = [...FAST, "--to-enospc", "--dir", volume, "--out", out, "--hold", "2s"];
  const report = parseReport(await run("scripts/disk-exhaustion.ts", words));
  const saved = readNewest(out, "disk-exhaustion");
  assert.deepEqual(saved.report, report);
  assertSeen(report, saved.samples);
  assert.match(JSON.stringify(report.evidence), /"refusedBy":"ENOSPC"/);
  const held = saved.samples.filter(({ phase }) => phase === "hold");
  assert.ok(held.length >= 15, `${held.length} samples`);
  assert.ok(held.every(({ gauges }) => (gauges.diskFreeBytes ?? Infinity) < 1_000_000));
  assert.equal(report.verdict.kind, "pass", explain(report));
  const [name = ""] = listRuns(out, "disk-exhaustion");
  assert.deepEqual(readdirSync(volume), ["reports"]);
  assert.deepEqual(readdirSync(out).sort(), ["disk-exhaustion", "index.html", "latest.json"]);
  assert.deepEqual(readdirSync(join(out, "disk-exhaustion")), [name]);
  const files = ["report.html", "report.json", "report.md", "samples.ndjson"];
  assert.deepEqual(readdirSync(join(out, "disk-exhaustion", name)).sort(), files);
});

test("sampling goes on while every core is busy", async (t) => {
  const out = temporaryFolder(t);
  const words = [...FAST, "--levels", "100%", "--hold", "2s", "--calm-within", "2s", "--out", out];
  const report = parseReport(await run("scripts/cpu-saturation.ts", words));
  assertSeen(report, readNewest(out, "cpu-saturation").samples);
});

/** System calls that take a descriptor or start a process or thread; and the one by which held files are read. */
const TAKING =
  "?open,openat,openat2,?creat,socket,accept4,pipe2,dup,dup3,epoll_create1,eventfd2,memfd_create";
const STARTING = "clone,clone3,?fork,?vfork,execve";

function missingStrace(): string | null {
  if (spawnSync("strace", ["--version"]).error) return "strace is not installed: apt-get install strace";
  const { status, stderr } = spawnSync("strace", ["-qq", "-o", "/dev/null", "true"], { encoding: "utf8" });
  return status === 0 ? null : `strace cannot trace here: ${stderr.trim()}`;
}

test("a sample opens nothing and starts nothing, as the kernel sees it", {
  skip: skipReason(missingStrace()),
}, async (t) => {
  const out = temporaryFolder(t);
  const words = [...FAST, "--out", out, "--hold", "30s"];
  const running = startLong(t, "scripts/descriptor-exhaustion.ts", words);
  await running.said(/: hold/);
  const pid = pidOf(running);
  const children = findDescendants(pid);
  const traced = ["-f", "-y", "-e", `trace=pread64,${TAKING},${STARTING}`, "-p", String(pid)];
  const tracer = spawn("strace", traced, { stdio: ["ignore", "ignore", "pipe"] });
  t.after(() => tracer.kill("SIGKILL"));
  const heard = text(tracer.stderr);
  await once(tracer.stderr, "data");
  const taken = () => readNewest(out, "descriptor-exhaustion").samples.length;
  const before = taken();
  await becomes(
    () => taken() >= before + 10,
    () => `no 10 samples after ${before}`,
  );
  tracer.kill("SIGINT");
  const calls = (await heard).split("\n").filter((line) => line.includes("("));
  const reads = calls.filter((line) => /pread64\(\d+<\/proc\/stat>/.test(line));
  assert.ok(reads.length >= 10, `the tracer saw ${reads.length} reads of /proc/stat`);
  assert.deepEqual(
    calls.filter((line) => !/pread64[( ]/.test(line)),
    [],
  );
  assert.deepEqual(findDescendants(pid), children);
  running.child.kill("SIGINT");
  assert.equal(parseReport(await running.ended).verdict.kind, "interrupted");
});

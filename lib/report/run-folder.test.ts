/** The folder of a run from its first second to its last, also on a disk that the load has filled. */
import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { mountTmpfs } from "../host/fixtures/tmpfs.ts";
import { KIB } from "../units.ts";
import { madeUpFinding, madeUpReport } from "./fixtures/made-up.ts";
import { reportSchema } from "./report.ts";
import { makeRunFolder, openRunFolder } from "./run-folder.ts";

let out = "";
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "run-folder-test-"));
});
afterEach(() => rmSync(out, { recursive: true }));

const sample = { atMs: 1, lateMs: 0, phase: "hold", gauges: { rssBytes: 1 }, loads: {}, named: {} };
const finished = madeUpReport({
  verdict: { kind: "pass", sentence: "All 1 invariants held." },
  exitCode: 0,
  findings: [madeUpFinding("held")],
});

/** Writes until nothing more can be written. */
function fillUp(volume: string) {
  assert.throws(
    () => {
      for (;;) appendFileSync(join(volume, "filler"), Buffer.alloc(4 * KIB));
    },
    { code: "ENOSPC" },
  );
}

test("makeRunFolder() is named for the UTC time, and never takes a folder that another run has", () => {
  const at = new Date("2026-11-20T05:42:35.678Z");
  const names = [1, 2, 3].map(() => makeRunFolder(out, at));
  const name = "2026-11-20T05-42-35Z";
  assert.deepEqual(names, [name, `${name}-2`, `${name}-3`]);
  assert.deepEqual(readdirSync(out).sort(), names);
});

test("openRunFolder() has an unfinished report that can be read from the first second", () => {
  const path = join(out, "run");
  mkdirSync(path);
  openRunFolder(out, path, madeUpReport(), 10);
  const report = reportSchema.parse(JSON.parse(readFileSync(join(path, "report.json"), "utf8")));
  assert.equal(report.verdict.kind, "unfinished");
});

test("complete() finishes everything on a full disk, and latest.json leads to it", (t) => {
  const volume = mountTmpfs(t, "size=1m");
  if (!volume) return;
  const path = join(volume, "run");
  mkdirSync(path);
  const folder = openRunFolder(volume, path, madeUpReport(), 100);
  fillUp(volume);
  for (let count = 0; count < 100; count++) assert.equal(folder.appendSample(sample), true);
  assert.equal(folder.complete(finished, [sample, { ...sample, atMs: 1000 }]), null);
  assert.deepEqual(readdirSync(path).sort(), ["report.html", "report.json", "report.md", "samples.ndjson"]);
  assert.deepEqual(JSON.parse(readFileSync(join(path, "report.json"), "utf8")), finished);
  assert.match(readFileSync(join(path, "report.md"), "utf8"), /PASS made-up/);
  assert.match(readFileSync(join(path, "report.html"), "utf8"), /<title>PASS made-up .+<\/html>\n$/s);
  assert.equal(readFileSync(join(path, "samples.ndjson"), "utf8").trimEnd().split("\n").length, 100);
  const latest = JSON.parse(readFileSync(join(volume, "latest.json"), "utf8"));
  assert.deepEqual([latest.verdict, latest.exitCode, latest.run], ["pass", 0, "run"]);
});

test("complete() gives up a page for which a full disk has no room, says so, and keeps the report", (t) => {
  const volume = mountTmpfs(t, "size=1m");
  if (!volume) return;
  const path = join(volume, "run");
  mkdirSync(path);
  const folder = openRunFolder(volume, path, madeUpReport(), 1);
  fillUp(volume);
  const many = (atMs: number) => {
    const load = { asked: 1e6, held: (atMs * 7919) % 1e6, unit: "count" } as const;
    return Object.fromEntries(Array.from({ length: 99 }, (_, index) => [`stressor-${index}`, load]));
  };
  const samples = Array.from({ length: 480 }, (_, atMs) => ({ ...sample, atMs, loads: many(atMs) }));
  assert.match(folder.complete(finished, samples) ?? "", /^Cannot write .+report\.html: ENOSPC/);
  assert.deepEqual(readdirSync(path).sort(), ["report.json", "report.md", "samples.ndjson"]);
  assert.deepEqual(JSON.parse(readFileSync(join(path, "report.json"), "utf8")), finished);
});

test("appendSample() says so when a sample could not be written", (t) => {
  const volume = mountTmpfs(t, "size=900k");
  if (!volume) return;
  const path = join(volume, "run");
  mkdirSync(path);
  const folder = openRunFolder(volume, path, madeUpReport(), 1);
  const large = { ...sample, phase: "x".repeat(900 * KIB) };
  assert.equal(folder.appendSample(large), false);
  assert.equal(folder.appendSample(sample), true);
  folder.complete(finished, [sample, { ...sample, atMs: 1000 }]);
  assert.deepEqual(JSON.parse(readFileSync(join(path, "samples.ndjson"), "utf8")), sample);
});

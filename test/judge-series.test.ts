/** scripts/judge-series.ts as a user runs it: verdicts, exit codes, and every mistake at once. */
import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { loadRecordings, type Recording } from "../lib/stats/fixtures/recordings.ts";
import { judgeSeries } from "../lib/stats/series.ts";
import { QUICKEST, ROOT, RUNTIMES } from "./command.ts";

const SCRIPT = join(ROOT, "scripts/judge-series.ts");

function judge(words: readonly string[], command = QUICKEST.command): SpawnSyncReturns<string> {
  const [program = "", ...first] = command;
  return spawnSync(program, [...first, SCRIPT, ...words], { encoding: "utf8" });
}

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "judge-series-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A process read each second for two minutes, ten cycles a second. */
function table(live: (cycle: number) => number | null): string {
  const rows = Array.from({ length: 121 }, (_, second) => {
    const cycle = second * 10;
    return [second * 1000, cycle, live(cycle) ?? "", 24].join(",");
  });
  return ["timeMs,cycle,liveBytes,descriptors", ...rows].join("\n");
}

const CHANNELS = ["--channel", "live=liveBytes", "--channel", "count=descriptors"];
const LEVEL = table(() => 5_000_000);
const LEAK = table((cycle) => 5_000_000 + 4096 * cycle);
/** Too few checkpoints: 4 of them. */
const UNSURE = table((cycle) => (cycle % 300 === 0 ? 5_000_000 : null));

function write(t: TestContext, files: Readonly<Record<string, string>>): string[] {
  const folder = makeFolder(t);
  return Object.entries(files).map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  });
}

test("judge-series ends with 1 if any file grows, else with 3 if any is inconclusive, else with 0", (t) => {
  const [level = "", leak = "", unsure = ""] = write(t, { level: LEVEL, leak: LEAK, unsure: UNSURE });
  const words = ["--cycles", "cycle", ...CHANNELS];
  const expected: [string[], number][] = [
    [[level], 0],
    [[level, unsure], 3],
    [[unsure, leak, level], 1],
  ];
  for (const [files, code] of expected) {
    const { status, stdout, stderr } = judge([...files, ...words]);
    assert.equal(status, code, stderr);
    for (const file of files) assert.match(stdout, new RegExp(`^${file}: (growing|level|inconclusive)`, "m"));
  }
  assert.match(
    judge([leak, ...words]).stdout,
    /liveBytes: growing, 4 KiB a cycle .* MiB an hour, [\d.]+ MiB since the warm-up: /,
  );
});

test("judge-series --json prints one document a file, slopes in numbers", (t) => {
  const [level = "", leak = ""] = write(t, { "level.csv": LEVEL, "leak.csv": LEAK });
  const { stdout } = judge([level, leak, "--time", "timeMs", "--cycles=cycle", ...CHANNELS, "--json"]);
  const [first, second] = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    [first.file, first.verdict, second.file, second.verdict],
    [level, "level", leak, "growing"],
  );
  const [live, count] = second.channels;
  assert.deepEqual([live.kind, live.column, live.verdict], ["live", "liveBytes", "growing"]);
  assert.deepEqual([live.slopePerCycle, live.low, live.high], [4096, 4096, 4096]);
  assert.equal(live.slopePerHour, 4096 * 36_000);
  assert.equal(count.smallestLeakExcluded > 0, true);
  assert.equal(typeof second.reason, "string");
});

test("judge-series takes time for x without --cycles, a declared warm-up, and NDJSON", (t) => {
  const rows = Array.from({ length: 241 }, (_, second) =>
    JSON.stringify({ s: second, fds: 20 + Math.min(second, 176) }),
  );
  const [file = ""] = write(t, { "series.ndjson": rows.join("\n") });
  const words = [file, "--time", "s", "--time-unit", "s", "--channel", "count=fds", "--json"];
  assert.equal(JSON.parse(judge(words).stdout).verdict, "inconclusive");
  assert.equal(JSON.parse(judge(words).stdout).per, "second");
  assert.equal(JSON.parse(judge([...words, "--warm-up", "178s"]).stdout).verdict, "level");
});

test("judge-series tells every mistake at once, of options and of files, with exit 2", (t) => {
  const none = judge([]);
  assert.equal(none.status, 2);
  assert.match(none.stderr, /expected the FILE of a series\n.*expected at least one --channel/);
  const options = judge([
    "f.csv",
    "--channel",
    "heap=x",
    "--channel",
    "natural-heap=h",
    "--warm-up",
    "soon",
    "--cylces",
  ]);
  assert.equal(options.status, 2);
  for (const part of [
    /Cannot read --channel: expected KIND=COLUMN, .* got "heap=x"/,
    /Cannot read --channel: expected natural-heap=COLUMN:COUNTER, .* got "natural-heap=h"/,
    /Cannot read --warm-up: /,
    /Cannot take --cylces: .* did you mean --cycles\?/,
  ])
    assert.match(options.stderr, part);
  const [bad = "", good = ""] = write(t, { bad: LEVEL.replace("5000000", "much"), good: LEVEL });
  const files = judge([bad, "/there/is/none", good, "--cycles", "cycle", ...CHANNELS]);
  assert.equal(files.status, 2);
  assert.equal(files.stdout, "");
  assert.match(
    files.stderr,
    /bad line 2 column liveBytes: expected a number, got "much"\n.*none: there is no such file/,
  );
});

test("judge-series --help explains its kinds of channel, with an example", () => {
  const { status, stdout } = judge(["--help"]);
  assert.equal(status, 0);
  for (const part of [
    "natural-heap=heapBytes:majorCollections",
    "anonymous-rss",
    "--warm-up",
    "--channel",
    "Exit codes: 0",
  ])
    assert.ok(stdout.includes(part), part);
});

/** As somebody would write it down: live bytes in the rows of checkpoints only. */
function toCsv({ tMs, cycles, channels }: Recording): string {
  const columns = channels.map(({ points }) => new Map(points.map(([, time, value]) => [time, value])));
  const collections = channels.find(({ majorCollections }) => majorCollections)?.majorCollections;
  const header = ["timeMs", "cycle", ...channels.map((_, at) => `column${at}`), "collections"];
  const rows = tMs.map((time, at) => [
    ...[time, cycles[at], ...columns.map((column) => column.get(time) ?? ""), collections?.[at] ?? ""],
  ]);
  return [header, ...rows].map((row) => row.join(",")).join("\n");
}

for (const { name, command, missing } of RUNTIMES) {
  test(`judge-series judges recordings of real processes as the library does, on ${name}`, {
    skip: missing ?? false,
  }, (t) => {
    const kinds = /^(gd-h-frag-0|gd-l-thread-0|nq-l-heap16-1|nq-h-cache-2|fq-l-sock-0|gd-h-sine-1)$/;
    for (const recording of loadRecordings().filter(({ id }) => kinds.test(id))) {
      const [file = ""] = write(t, { [recording.id]: toCsv(recording) });
      const words = recording.channels.flatMap(({ kind }, at) => [
        "--channel",
        kind === "natural-heap" ? `${kind}=column${at}:collections` : `${kind}=column${at}`,
      ]);
      const { stdout, stderr } = judge([file, "--cycles", "cycle", ...words, "--json"], command);
      const expected = judgeSeries({ channels: recording.channels });
      assert.ok(stdout, stderr);
      assert.equal(JSON.parse(stdout).verdict, expected.verdict, recording.id);
    }
  });
}

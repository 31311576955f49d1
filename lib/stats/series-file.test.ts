/** Recorded series of any make: what is read of them, and what is said of those that cannot be. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { findFloors, type Point } from "./floors.ts";
import { type ChannelColumn, type Columns, readSeriesFile } from "./series-file.ts";
import { keepAfterCollections, keepLowest } from "./thin-readings.ts";

const live: ChannelColumn = { kind: "live", column: "live", counter: null };
const heap: ChannelColumn = { kind: "natural-heap", column: "heap", counter: "gc" };

/** Reads a file with this text; `FILE` stands for its path in what is said. */
async function read(t: TestContext, text: string, columns: Partial<Columns> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "series-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "series");
  writeFileSync(path, text);
  const all: Columns = { time: "t", msPerTime: 1, cycles: "n", channels: [live], ...columns };
  const answer = await readSeriesFile(path, all);
  return "mistakes" in answer
    ? { mistakes: answer.mistakes.map((mistake) => mistake.replace(path, "FILE")), channels: [] }
    : { mistakes: [], channels: answer.channels };
}

test("readSeriesFile() reads a table: quotes, CRLF, a byte order mark, and empty cells as readings not taken", async (t) => {
  const { channels } = await read(t, '\uFEFF"t","n",live\r\n0,1,"5"\r\n10,2,\r\n20,3,7.5e1\r\n');
  assert.deepEqual(channels, [
    {
      kind: "live",
      name: "live",
      points: [
        [1, 0, 5],
        [3, 20, 75],
      ],
    },
  ]);
});

test("readSeriesFile() reads one JSON object a line, with null and nothing as readings not taken", async (t) => {
  const text =
    '{"t":0,"n":1,"live":5}\n\n{"t":1,"n":2}\n{"t":2,"n":3,"live":null}\n{"t":3,"n":4,"live":"6"}\n';
  const { channels } = await read(t, text);
  assert.deepEqual(channels[0]?.points, [
    [1, 0, 5],
    [4, 3, 6],
  ]);
});

test("readSeriesFile() takes the time in seconds for x where nothing repeats, whatever its unit", async (t) => {
  const { channels } = await read(t, "t,live\n1,5\n2,6\n", { cycles: null, msPerTime: 1000 });
  assert.deepEqual(channels[0]?.points, [
    [1, 1000, 5],
    [2, 2000, 6],
  ]);
});

test("readSeriesFile() reads a natural heap with its counter", async (t) => {
  const { channels } = await read(t, "t,n,heap,gc\n0,1,5,0\n1,2,6,1\n2,3,4,\n", { channels: [heap] });
  assert.deepEqual(channels[0]?.majorCollections, [0, 1, null]);
});

test("readSeriesFile() puts rows into the order of what repeats", async (t) => {
  const { channels } = await read(t, "t,n,live\n20,3,7\n0,1,5\n10,2,6\n");
  assert.deepEqual(
    channels[0]?.points.map(([x]) => x),
    [1, 2, 3],
  );
});

test("readSeriesFile() leaves out a last row that its writer did not finish", async (t) => {
  assert.equal((await read(t, "t,n,live\n0,1,5\n10,2")).channels[0]?.points.length, 1);
  assert.equal((await read(t, '{"t":0,"n":1,"live":5}\n{"t":1,"n"')).channels[0]?.points.length, 1);
});

test("readSeriesFile() tells each cell that is no number, by line and column", async (t) => {
  const { mistakes } = await read(t, "t,n,live\n0,1,five\n,2,6\n20,x,7\n30,4,Infinity\n");
  assert.deepEqual(mistakes, [
    `Cannot read FILE line 2 column live: expected a number, got "five"`,
    `Cannot read FILE line 3 column t: expected a number, got nothing`,
    `Cannot read FILE line 4 column n: expected a number, got "x"`,
    `Cannot read FILE line 5 column live: expected a number, got "Infinity"`,
  ]);
});

test("readSeriesFile() counts mistakes beyond a few", async (t) => {
  const { mistakes } = await read(t, `t,n,live\n${"0,1,x\n".repeat(1000)}`);
  assert.equal(mistakes.length, 6);
  assert.equal(mistakes.at(-1), "Cannot read FILE: and 995 more like these");
});

test("readSeriesFile() names the columns that there are where one is missing", async (t) => {
  const { mistakes } = await read(t, "time,n,other\n0,1,5\n", { channels: [live, heap] });
  assert.deepEqual(mistakes, [
    "Cannot find column t in FILE: expected one of its columns: time, n, other",
    "Cannot find column live in FILE: expected one of its columns: time, n, other",
    "Cannot find column heap in FILE: expected one of its columns: time, n, other",
    "Cannot find column gc in FILE: expected one of its columns: time, n, other",
  ]);
});

test("readSeriesFile() says what is wrong with a file that is no series", async (t) => {
  const expected = {
    "": "Cannot read FILE: expected a header line, or a JSON object a line, got nothing",
    "t,n,live\n": "Cannot read FILE: expected readings, got none",
    "t,n,live\n0,1,\n": "Cannot read FILE: expected readings, got none",
    "t,n,t\n": "Cannot read FILE: expected each column once, got t again",
    "t,n,live\n1,2\n3,4,5\n": "Cannot read FILE: expected 3 cells in line 2, got 2",
    '{"t":1': "Cannot read FILE: expected readings, got none",
    '{"t":1}\nnonsense\n': "Cannot read FILE: expected a JSON object in line 2, got nonsense",
    "t,n,live\n0,500,1\n1,3,1\n":
      "Cannot read FILE line 3 column n: expected a count that goes on from 500, got 3",
  };
  for (const [text, mistake] of Object.entries(expected))
    assert.deepEqual((await read(t, text)).mistakes, [mistake], JSON.stringify(text));
});

test("readSeriesFile() says why a file cannot be opened", async () => {
  const columns: Columns = { time: "t", msPerTime: 1, cycles: null, channels: [live] };
  assert.deepEqual(await readSeriesFile("/there/is/none", columns), {
    mistakes: ["Cannot read /there/is/none: there is no such file"],
  });
  assert.deepEqual(await readSeriesFile("/", columns), {
    mistakes: ["Cannot read /: expected a file, got a folder"],
  });
});

test("keepLowest() keeps the floors of many readings in few, alike over the whole run", () => {
  const value = (at: number) => 1000 + ((at * 7919) % 1009);
  const thinning = keepLowest(1000);
  const all: Point[] = [];
  for (let at = 0; at < 50_001; at++) {
    thinning.add([[at, at, value(at)], null]);
    all.push([at, at, value(at)]);
  }
  const kept = thinning.list().map(([point]) => point);
  assert.ok(kept.length <= 1002, String(kept.length));
  assert.deepEqual([kept[0], kept.at(-1)], [all[0], all.at(-1)]);
  const floors = (points: readonly Point[]) => findFloors(points, 24, 0, 50_000).map(([, , floor]) => floor);
  assert.deepEqual(floors(kept), floors(all));
});

test("keepLowest() and keepAfterCollections() keep nothing of nothing, and all of a little", () => {
  for (const thinning of [keepLowest(), keepAfterCollections()]) {
    assert.deepEqual(thinning.list(), []);
    thinning.add([[1, 1, 1], 0]);
    assert.deepEqual(thinning.list(), [[[1, 1, 1], 0]]);
    thinning.add([[2, 2, 2], 0]);
    assert.equal(thinning.list().length, 2);
  }
});

test("keepAfterCollections() keeps what was read in the second after each major collection, with the count", () => {
  const thinning = keepAfterCollections();
  for (let at = 0; at < 50_000; at++) thinning.add([[at, at * 100, at], Math.floor(at / 500)]);
  const kept = thinning.list();
  assert.equal(kept.length, 1 + 99 * 10 + 1);
  for (let start = 500; start < 50_000; start += 500)
    assert.ok(kept.some(([[x], collections]) => x === start + 9 && collections === start / 500));
});

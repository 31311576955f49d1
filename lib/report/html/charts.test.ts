/** What is drawn of a run: rates of counters, what was asked beside what was held, and nothing of what tells nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sample } from "../../host/gauges.ts";
import { captionOf } from "./caption.ts";
import { chartsOf } from "./charts.ts";
import { placeLabels } from "./labels.ts";

function sample(atMs: number, own: Partial<Sample>): Sample {
  return { atMs, lateMs: 0, phase: "load", gauges: {}, loads: {}, named: {}, ...own };
}

test("chartsOf() makes a rate of a counter, and breaks its line where it could not be read", () => {
  const readings = [0, 500, null, 1500, 1600];
  const samples = readings.map((targetCpuMs, second) => sample(second * 1000, { gauges: { targetCpuMs } }));
  const [chart] = chartsOf(samples);
  assert.equal(chart?.unit, "share");
  assert.deepEqual(
    chart?.lines[0]?.points.map(([, value]) => value),
    [0.5, null, null, 0.1],
  );
});

test("chartsOf() leaves out what was never read and what was nothing throughout", () => {
  const gauges = { targetDescriptors: 7, targetSockets: 0, targetThreads: null };
  const charts = chartsOf([sample(0, { gauges }), sample(1000, { gauges })]);
  assert.deepEqual(
    charts.map(({ lines }) => lines.map(({ name }) => name)),
    [["descriptors"]],
  );
});

test("chartsOf() draws what was asked beside what was held, before it was asked for nothing", () => {
  const loads = { "hold-memory": { asked: 10, held: 8, unit: "bytes" } } as const;
  const [chart] = chartsOf([sample(0, {}), sample(1000, { loads })]);
  assert.deepEqual(
    chart?.lines.map(({ name, asked, points }) => [name, asked, points]),
    [
      [
        "asked",
        true,
        [
          [0, 0],
          [1000, 10],
        ],
      ],
      [
        "held",
        false,
        [
          [0, 0],
          [1000, 8],
        ],
      ],
    ],
  );
});

test("captionOf() says where a line began, how far it went and when, and where it ended", () => {
  const points = [
    [0, 27],
    [1000, 147],
    [2000, 28],
  ] as const;
  const line = { name: "descriptors", points, asked: false, gauge: null };
  const chart = { title: "", unit: "count", lines: [line], limits: [], trends: [] } as const;
  assert.equal(
    captionOf(chart, (atMs) => (atMs === 1000 ? "load" : null)),
    "27 at first, at most 147 (load), 28 at the end",
  );
  const level = {
    ...line,
    points: [
      [0, 5],
      [1000, 5],
    ] as const,
  };
  assert.equal(
    captionOf({ ...chart, lines: [level] }, () => null),
    "5 throughout",
  );
});

test("placeLabels() keeps labels apart, within the chart, and near their lines", () => {
  assert.deepEqual(placeLabels([10, null, 80]), [10, null, 80]);
  const placed = placeLabels([98, 97, 99, 10]);
  assert.deepEqual(placed, [89, 78, 100, 10]);
});

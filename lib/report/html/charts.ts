/** Which curves tell a run's story: what was asked beside what was held, the target, then the box. Pure: samples in, charts out. */
import type { GaugeName, Sample } from "../../host/gauges.ts";
import type { Unit } from "../../units.ts";
import type { Chart, Line } from "./chart.ts";
import type { Point } from "./envelope.ts";

interface Curve {
  readonly gauge: string | null;
  readonly read: (samples: readonly Sample[]) => Point[];
}

type Read = (sample: Sample) => number | null | undefined;

interface Panel {
  readonly title: string;
  readonly unit: Unit;
  readonly lines: Readonly<Record<string, Curve>>;
}

const TARGET: readonly Panel[] = [
  {
    title: "Memory of the target",
    unit: "bytes",
    lines: { anonymous: level("targetAnonymousBytes"), resident: level("targetRssBytes") },
  },
  {
    title: "What the target holds",
    unit: "count",
    lines: {
      descriptors: level("targetDescriptors"),
      connections: level("targetSockets"),
      threads: level("targetThreads"),
      processes: level("targetProcesses"),
    },
  },
  { title: "How long its answers took", unit: "ms", lines: { answer: whenever("targetHealthMs") } },
  {
    title: "Questions without an answer",
    unit: "count",
    lines: { unanswered: level("targetHealthFailures") },
  },
  {
    title: "Processor time of the target, of one core",
    unit: "share",
    lines: { used: rate("targetCpuMs") },
  },
];

const BOX: readonly Panel[] = [
  {
    title: "Processors of the box",
    unit: "share",
    lines: { busy: rate("cpuBusyMs", "cpuTotalMs"), stolen: rate("cpuStealMs", "cpuTotalMs") },
  },
  { title: "Memory available", unit: "bytes", lines: { available: level("memoryAvailableBytes") } },
  {
    title: "Time in which tasks waited",
    unit: "share",
    lines: {
      "for memory": rate("memoryStalledMs"),
      "for processors": rate("cpuStalledMs"),
      "for input or output": rate("ioStalledMs"),
    },
  },
  { title: "Free disk space", unit: "bytes", lines: { free: level("diskFreeBytes") } },
  { title: "Delay of Proofload's event loop", unit: "ms", lines: { delay: level("eventLoopDelayMs") } },
  {
    title: "Memory of Proofload",
    unit: "bytes",
    lines: { anonymous: level("anonymousBytes"), resident: level("rssBytes") },
  },
  { title: "Descriptors of Proofload", unit: "count", lines: { open: level("descriptors") } },
];

/** In the order in which they are read; what was never read, or was nothing throughout, is left out. */
export function chartsOf(samples: readonly Sample[]): Chart[] {
  return drawCharts(samples)
    .map((chart) => ({ ...chart, lines: chart.lines.filter(tells) }))
    .filter(({ lines }) => lines.length > 0);
}

/** All that there can be, of a run or of a stretch of one. */
export function drawCharts(samples: readonly Sample[]): Chart[] {
  const draw = ({ title, unit, lines }: Panel): Chart => ({
    title,
    unit,
    lines: Object.entries(lines).map(([name, { gauge, read }]) => ({
      ...{ name, points: read(samples), asked: false, gauge },
    })),
    ...UNMARKED,
  });
  return [...loadsOf(samples), ...TARGET.map(draw), ...namedOf(samples), ...BOX.map(draw)];
}

const UNMARKED = { limits: [], trends: [] } as const;

/** A line of zeros tells nothing. */
function tells({ points }: Line): boolean {
  return points.some(([, value]) => value !== null && value !== 0);
}

function loadsOf(samples: readonly Sample[]): Chart[] {
  const stressors = [...new Set(samples.flatMap(({ loads }) => Object.keys(loads)))];
  return stressors.map((name) => {
    const unit = samples.find(({ loads }) => loads[name])?.loads[name]?.unit ?? "count";
    const read = (key: "asked" | "held") => readEach(samples, ({ loads }) => loads[name]?.[key] ?? 0);
    const lines = [
      { name: "asked", points: read("asked"), asked: true, gauge: null },
      { name: "held", points: read("held"), asked: false, gauge: null },
    ];
    return { title: `Load: ${name}`, unit, lines, ...UNMARKED };
  });
}

/** A page that is read has no more of them, and fits into the space that was reserved for it. */
const MOST_NAMED = 12;

/** The target's own gauges: each has an axis of its own. */
function namedOf(samples: readonly Sample[]): Chart[] {
  const names = [...new Set(samples.flatMap(({ named }) => Object.keys(named)))].slice(0, MOST_NAMED);
  return names.map((name) => {
    const unit = /bytes$/i.test(name) ? "bytes" : /Ms$|_ms$/.test(name) ? "ms" : "count";
    const points = readEach(samples, ({ named }) => named[name]);
    return {
      title: `Gauge ${name}`,
      unit,
      lines: [{ name, points, asked: false, gauge: name }],
      ...UNMARKED,
    };
  });
}

function level(gauge: GaugeName): Curve {
  return { gauge, read: (samples) => readEach(samples, ({ gauges }) => gauges[gauge]) };
}

/** Of what is not there at every sample, though nothing is wrong then. */
function whenever(gauge: GaugeName): Curve {
  const { read } = level(gauge);
  return { gauge, read: (samples) => read(samples).filter(([, value]) => value !== null) };
}

function readEach(samples: readonly Sample[], read: Read): Point[] {
  const there = samples.filter((sample) => read(sample) !== undefined);
  return there.map((sample) => [sample.atMs, read(sample) ?? null]);
}

/** Over less than that a counter's steps are larger than what is measured: the kernel counts in ticks of 10 ms. */
const LEAST_SPAN_MS = 200;

/** Of a counter of milliseconds: how much of the time, or of another counter, it was. */
function rate(gauge: GaugeName, of?: GaugeName): Curve {
  return { gauge: null, read: (samples) => readRate(samples, gauge, of) };
}

function readRate(samples: readonly Sample[], gauge: GaugeName, of?: GaugeName): Point[] {
  const points: Point[] = [];
  let before: Sample | null = null;
  for (const sample of samples) {
    if (sample.gauges[gauge] === undefined) continue;
    if (before && sample.atMs - before.atMs < LEAST_SPAN_MS) continue;
    if (before) points.push([sample.atMs, share(before, sample, gauge, of)]);
    before = sample;
  }
  return points;
}

function share(before: Sample, after: Sample, gauge: GaugeName, of?: GaugeName): number | null {
  const part = difference(before, after, gauge);
  const whole = of === undefined ? after.atMs - before.atMs : difference(before, after, of);
  return part === null || !whole ? null : Math.max(0, part / whole);
}

function difference(before: Sample, after: Sample, gauge: GaugeName): number | null {
  const [from, to] = [before.gauges[gauge], after.gauges[gauge]];
  return typeof from === "number" && typeof to === "number" ? to - from : null;
}

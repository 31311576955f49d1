/** What a report says of one invariant: what was measured beside its limit, in words and in numbers, and the trends behind it. */
import { z } from "zod";

export const amount = z.enum(["bytes", "ms", "share", "count"]);

/** The limit as a number, in the unit of the value. */
const bound = z.object({ is: z.enum(["atMost", "below", "atLeast"]), value: z.number() });

const limitLine = z.object({
  gauge: z.string().describe("of the samples: the curve that must not cross it"),
  at: z.number().describe("in the gauge's own unit"),
});

const ends = z.tuple([z.number(), z.number()]).describe("its value at the first and at the last floor");

const trend = z.object({
  name: z.string(),
  unit: z.enum(["bytes", "count"]),
  per: z.enum(["cycle", "connection", "second"]),
  verdict: z.enum(["growing", "level", "inconclusive"]),
  reason: z.string(),
  slope: z.number().nullable().describe("per cycle, connection or second"),
  low: z.number().nullable().describe("lower end of the 98 % interval of the slope"),
  high: z.number().nullable(),
  slopePerHour: z.number().nullable(),
  growth: z.number().nullable().describe("from the end of the warm-up to the end of the run"),
  smallestLeakExcluded: z.number().nullable().describe("per cycle, connection or second"),
  floors: z
    .array(z.tuple([z.number(), z.number()]))
    .readonly()
    .describe("when (ms) and what: the lowest reading of each block after the warm-up"),
  lines: z
    .object({ fitted: ends, low: ends, high: ends })
    .nullable()
    .describe("the fitted line, and those with the slopes at the ends of the interval, through its middle"),
});

const about = {
  group: z.enum(["applied", "held", "recovered"]),
  sentence: z.string(),
  standard: z.boolean().describe("a promise of every scenario, beside its own"),
};
const trends = z.array(trend).readonly().optional();

export const finding = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.enum(["held", "broken"]),
    ...about,
    measured: z.string(),
    limit: z.string(),
    value: z.number().optional(),
    unit: amount.optional(),
    bound: bound.optional(),
    line: limitLine.optional(),
    trends,
    evidence: z.array(z.string()),
  }),
  z.object({ outcome: z.enum(["unknown", "skipped"]), ...about, reason: z.string(), trends }),
]);

export type Finding = z.infer<typeof finding>;
export type Bound = z.infer<typeof bound>;
export type LimitLine = z.infer<typeof limitLine>;
export type Trend = z.infer<typeof trend>;

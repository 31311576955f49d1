/** Samples as they stand in samples.ndjson: one JSON document a line, the last of them perhaps cut off. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const readings = z.record(z.string(), z.number().nullable());

const load = z.object({
  asked: z.number(),
  held: z.number(),
  unit: z.enum(["bytes", "ms", "share", "count"]),
});

const sampleSchema = z.object({
  atMs: z.number(),
  lateMs: z.number().nullable().default(null),
  phase: z.string(),
  gauges: readings.default({}),
  loads: z.record(z.string(), load).default({}),
  named: readings.default({}),
});
type StoredSample = z.infer<typeof sampleSchema>;

export interface StoredSamples {
  readonly samples: readonly StoredSample[];
  /** How many bytes of the file are whole lines: after them may come a half-written one, and zeros that were reserved. */
  readonly wholeBytes: number;
}

/** Of a run's folder. A line that is damaged, after a power cut, is left out: what the others say still counts. Null: no such file. */
export function readSamples(run: string): StoredSamples | null {
  let content: Buffer;
  try {
    content = readFileSync(join(run, "samples.ndjson"));
  } catch {
    return null;
  }
  const zeros = content.indexOf(0);
  const written = zeros === -1 ? content : content.subarray(0, zeros);
  const whole = written.subarray(0, written.lastIndexOf("\n") + 1);
  const lines = whole.toString("utf8").split("\n").filter(Boolean);
  return { samples: lines.flatMap((line) => parseSample(line) ?? []), wholeBytes: whole.length };
}

function parseSample(line: string): StoredSample | null {
  try {
    return sampleSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/** How long deliveries took, in memory that does not grow with their number: raw, and free of coordinated omission. */
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";

/** Milliseconds; null of nothing. */
export interface LatencyPercentiles {
  readonly count: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
}

/**
 * `corrected` counts from when a message was due, `raw` from when it was sent: a sender that was kept from sending, by the server or by
 * itself, hides in the raw numbers just those messages that would have been slow (Gil Tene, "How NOT to Measure Latency").
 */
export interface Latency {
  readonly raw: LatencyPercentiles;
  readonly corrected: LatencyPercentiles;
}

export interface LatencyRecord {
  /** One delivery, µs from when it was due, of which it was sent so late. */
  record(sinceDueUs: number, lateUs: number): void;
  summary(): Latency;
}

/** HdrHistogram's: three digits that count, up to an hour; 1 µs is the finest. */
const SETTINGS = { lowest: 1, highest: 3_600_000_000, figures: 3 };

export function createLatencyRecord(): LatencyRecord {
  // what was sent when it was due is the same in both, and is recorded once: that is half of what a delivery costs here
  const [prompt, raw, corrected] = [0, 1, 2].map(() => createHistogram(SETTINGS)) as [
    RecordableHistogram,
    RecordableHistogram,
    RecordableHistogram,
  ];
  return {
    record(sinceDueUs, lateUs) {
      const due = Math.max(1, Math.round(sinceDueUs));
      const sent = Math.max(1, Math.round(sinceDueUs - lateUs));
      if (sent === due) {
        prompt.record(due);
        return;
      }
      corrected.record(due);
      raw.record(sent);
    },
    summary: () => ({ raw: summarize(merge(prompt, raw)), corrected: summarize(merge(prompt, corrected)) }),
  };
}

function merge(one: RecordableHistogram, other: RecordableHistogram): RecordableHistogram {
  const both = createHistogram(SETTINGS);
  both.add(one);
  both.add(other);
  return both;
}

function summarize(histogram: RecordableHistogram): LatencyPercentiles {
  const { count } = histogram;
  const at = (percentile: number) => (count === 0 ? null : histogram.percentile(percentile) / 1000);
  return { count, p50: at(50), p99: at(99), p999: at(99.9), max: count === 0 ? null : histogram.max / 1000 };
}

/** What is said of streams: who had not all of it, or too much, and how long it took; and whether slow clients were to blame. */
import type { LatencyPercentiles } from "../clients/latency-record.ts";
import type { SequenceCounts } from "../clients/sequence-ledger.ts";
import { formatAmount, formatDuration, MIB } from "../units.ts";
import { atLeast, atMost, type Measure, none, skipped, so, unknown } from "./measure.ts";
import type { DeliveryRecord, StreamRecord } from "./stream.ts";
import { describeTally } from "./tally-text.ts";
import type { Growth } from "./weight.ts";

/** A stream that went on beside clients that did not read. */
export interface BesideSlow extends StreamRecord {
  readonly slow: number;
  /** Of the target's memory, while they were slow. */
  readonly growth: Growth | null;
}

type Amiss = Exclude<keyof SequenceCounts, "delivered" | "outstanding">;

const WORDS: Readonly<Record<Amiss, string>> = {
  lost: "lost",
  duplicated: "twice",
  reordered: "out of order",
  unasked: "not asked for",
};

/** Where we could not keep pace, what was lost or late may be ours: a reader that is too slow is dropped. */
function describeStrain(record: DeliveryRecord): string | null {
  const { lateMs, sent, planned, ownCpuShare, stalledShare, cutShort } = record;
  if (cutShort) return "it was ended before its time";
  const short = planned !== null && sent < planned * ALMOST;
  const busy = ownCpuShare > MOST_CPU_SHARE || (stalledShare ?? 0) > MOST_STALLED_SHARE;
  if (!short && !busy && lateMs <= MOST_LATE_MS) return null;
  const pace = planned === null ? "" : `, sent ${sent} of ${Math.round(planned)}`;
  const own = formatAmount(ownCpuShare, "share");
  const waited =
    stalledShare === null ? "" : `, processors waited for ${formatAmount(stalledShare, "share")} of the time`;
  return `this box, or we, did not keep pace: late by ${formatDuration(lateMs)}, ${own} of a core busy${waited}${pace}`;
}

/** Timers are late, and rates are rounded. */
const ALMOST = 0.98;
const MOST_LATE_MS = 250;
const MOST_CPU_SHARE = 0.9;
const MOST_STALLED_SHARE = 0.5;

/** What is broken may be ours where we, or this box, did not keep pace. */
function doubt(measure: Measure, ...records: readonly DeliveryRecord[]): Measure {
  const strain = records.map(describeStrain).find((one) => one !== null);
  return measure.outcome === "broken" && strain ? unknown(strain) : measure;
}

/** Holds when this happened to no delivery. */
export function judgeStream(record: DeliveryRecord, what: Amiss): Measure {
  const { amiss, counts, due } = record;
  if (due === 0) return unknown("nothing was sent");
  const count = (own: SequenceCounts) => own[what] + (what === "lost" ? own.outstanding : 0);
  const told = amiss.flatMap(({ receiver, group, counts: own }) =>
    count(own) > 0 ? [`client ${receiver + 1} (${group}): ${count(own)} ${WORDS[what]}`] : [],
  );
  const measure = atMost(count(counts), 0, "count", [`of ${formatAmount(due, "count")} deliveries`, ...told]);
  // of those after which none came, some may only be late; what a later one has overtaken is lost
  return what === "lost" && counts.lost === 0 ? doubt(measure, record) : measure;
}

/** How many of those that were due have arrived. */
export function judgeDelivered(record: StreamRecord, leastShare: number): Measure {
  const { due, counts } = record;
  return doubt(atLeast(due === 0 ? null : counts.delivered / due, leastShare, "share"), record);
}

/** As many as were asked for, as they were due. */
export function judgePace({ sent, planned }: DeliveryRecord): Measure {
  return atLeast(sent, planned === null ? 1 : planned * ALMOST, "count");
}

/** Messages a second that got through, of those that were asked for. */
export function judgeThroughput(record: StreamRecord, leastRate: number): Measure {
  const { counts, due, sent, tookMs, planned } = record;
  const through = due === 0 ? null : ((counts.delivered / due) * sent) / (tookMs / 1000);
  const asked = planned === null ? Number.POSITIVE_INFINITY : planned / (tookMs / 1000);
  return doubt(atLeast(through, Math.min(leastRate, asked) * ALMOST, "count"), record);
}

function describeLatency(name: string, { p50, p99, p999, max }: LatencyPercentiles): string {
  const tell = (ms: number | null) => (ms === null ? "–" : formatDuration(ms));
  return `${name}: ${tell(p50)} (median), ${tell(p99)} (99 %), ${tell(p999)} (99.9 %), ${tell(max)} (most)`;
}

/** Raw and corrected beside each other: what they differ by is what the sender was kept from sending. */
function describeLatencies({ latency: { raw, corrected }, lateMs }: StreamRecord): string[] {
  return [
    describeLatency("from when they were due", corrected),
    describeLatency("from when they were sent", raw),
    `our own thread was late by ${formatDuration(lateMs)} at most`,
  ];
}

/** Of what was later than allowed so much may be ours. */
function doubtLatency(measure: Measure, mostMs: number, record: StreamRecord): Measure {
  const doubted = doubt(measure, record);
  const isOurs = doubted.outcome === "broken" && (doubted.value ?? 0) - record.lateMs <= mostMs;
  return isOurs ? unknown(`our own thread was late by ${formatDuration(record.lateMs)}`) : doubted;
}

/** How late they were, of 99 in 100. */
export function judgeLatency(record: StreamRecord, mostMs: number): Measure {
  const { p99 } = record.latency.corrected;
  return doubtLatency(atMost(p99, mostMs, "ms", describeLatencies(record)), mostMs, record);
}

/** The others lose nothing beside slow clients, and hear it hardly later. */
export function judgeBeside(alone: StreamRecord, beside: BesideSlow | null, mostLaterMs: number): Measure {
  if (beside === null) return skipped("in an echo nobody is slow for others");
  if (beside.slow === 0 || beside.due === 0) return unknown("there was no stream beside slow clients");
  const [first, second] = [alone.latency.corrected.p99, beside.latency.corrected.p99];
  const { lost, outstanding } = beside.counts;
  const evidence = [
    ...describeLatencies(beside),
    `alone: ${first === null ? "nothing came" : formatDuration(first)} (99 %)`,
  ];
  if (lost + outstanding > 0) {
    const told = `${lost + outstanding} of ${beside.due} deliveries lost`;
    const measure = so(false, told, "none lost", evidence);
    return lost === 0 ? doubt(measure, beside) : measure;
  }
  if (first === null || second === null) return unknown("nothing came");
  const measure = atMost(Math.max(0, second - first), mostLaterMs, "ms", evidence);
  return doubtLatency(measure, mostLaterMs, beside);
}

/** What both ends' buffers take of a stream that is not read: 4 to 8 MB seen, of at most 10 MiB (tcp_wmem and tcp_rmem, tcp(7)). */
const KERNEL_BYTES = 12 * MIB;

/** What is kept for each, beyond what a server's memory breathes by. */
export function judgeKept(beside: BesideSlow | null, sizeBytes: number, mostBytes: number): Measure {
  if (beside === null) return skipped("in an echo nobody is slow for others");
  const { growth, slow } = beside;
  if (growth === null) return skipped("its memory cannot be read here");
  if (slow === 0) return unknown("there was no slow client");
  const sentBytes = beside.sent * sizeBytes;
  if (sentBytes < KERNEL_BYTES)
    return skipped(
      `the kernel may hold all of ${formatAmount(sentBytes, "bytes")}: more --rate, --lasts or --size`,
    );
  const told = [`${formatAmount(Math.max(0, growth.bytes), "bytes")} more for ${slow} of them`];
  return atMost(Math.max(0, growth.bytes - growth.noiseBytes) / slow, mostBytes, "bytes", told);
}

export function judgeClosed(records: readonly DeliveryRecord[]): Measure {
  const closed = records.flatMap((record) => describeTally(record.closed) ?? []);
  return doubt(none(closed, records[0]?.subscribers ?? 0, "subscribers"), ...records);
}

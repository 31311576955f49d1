/** What is said of streams: who had not all of it, or too much, and how long it took; and whether slow clients were to blame. */
import type { LatencyPercentiles } from "../clients/latency-record.ts";
import type { SequenceCounts } from "../clients/sequence-ledger.ts";
import { formatAmount, formatDuration, MIB } from "../units.ts";
import { atLeast, atMost, type Measure, none, skipped, so, unknown } from "./measure.ts";
import type { StreamRecord } from "./stream.ts";
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
function describeStrain(record: StreamRecord): string | null {
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

/** Holds when this happened to no delivery. */
export function judgeStream(record: StreamRecord, what: Amiss): Measure {
  const { amiss, counts, due } = record;
  if (due === 0) return unknown("nothing was sent");
  const strain = describeStrain(record);
  // of those after which none came, some may only be late; what a later one has overtaken is lost
  if (what === "lost" && counts.lost === 0 && counts.outstanding > 0 && strain) return unknown(strain);
  const count = (own: SequenceCounts) => own[what] + (what === "lost" ? own.outstanding : 0);
  const told = amiss.flatMap(({ receiver, level, counts: own }) =>
    count(own) > 0 ? [`client ${receiver + 1} (${level}): ${count(own)} ${WORDS[what]}`] : [],
  );
  return atMost(count(counts), 0, "count", [`of ${formatAmount(due, "count")} deliveries`, ...told]);
}

/** How many of those that were due have arrived. */
export function judgeDelivered(record: StreamRecord, leastShare: number): Measure {
  const { due, counts } = record;
  const share = due === 0 ? null : counts.delivered / due;
  const strain = describeStrain(record);
  return share !== null && share < leastShare && strain
    ? unknown(strain)
    : atLeast(share, leastShare, "share");
}

/** As many as were asked for, as they were due. */
export function judgePace({ sent, planned }: StreamRecord): Measure {
  return atLeast(sent, planned === null ? 1 : planned * ALMOST, "count");
}

/** Messages a second that got through, of those that were asked for. */
export function judgeThroughput(record: StreamRecord, leastRate: number): Measure {
  const { counts, due, sent, tookMs, planned } = record;
  const through = due === 0 ? null : ((counts.delivered / due) * sent) / (tookMs / 1000);
  const asked = planned === null ? Number.POSITIVE_INFINITY : planned / (tookMs / 1000);
  const strain = describeStrain(record);
  const least = Math.min(leastRate, asked) * ALMOST;
  return through !== null && through < least && strain ? unknown(strain) : atLeast(through, least, "count");
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
export function judgeLatency(record: StreamRecord, mostMs: number): Measure {
  const { p99 } = record.latency.corrected;
  const strain = describeStrain(record);
  if (p99 !== null && p99 > mostMs && (strain || p99 - record.lateMs <= mostMs))
    return unknown(strain ?? `our own thread was late by ${formatDuration(record.lateMs)}`);
  return atMost(p99, mostMs, "ms", describeLatencies(record));
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
  const strain = describeStrain(beside);
  const isLater = (second ?? 0) > (first ?? 0) + mostLaterMs;
  if (strain && lost === 0 && (outstanding > 0 || isLater)) return unknown(strain);
  if (lost + outstanding > 0)
    return so(false, `${lost + outstanding} of ${beside.due} deliveries lost`, "none lost", evidence);
  if (first === null || second === null) return unknown("nothing came");
  const laterMs = second - first;
  if (laterMs > mostLaterMs && laterMs - beside.lateMs <= mostLaterMs)
    return unknown(`our own thread was late by ${formatDuration(beside.lateMs)}`);
  return atMost(Math.max(0, laterMs), mostLaterMs, "ms", evidence);
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

export function judgeClosed(records: readonly StreamRecord[]): Measure {
  const closed = records.flatMap((record) => describeTally(record.closed) ?? []);
  const strain = records.map(describeStrain).find((one) => one !== null);
  if (closed.length > 0 && strain) return unknown(strain);
  return none(closed, records[0]?.subscribers ?? 0, "subscribers");
}

/** What a report says of the target in words and units, whatever it is rendered as: who it was, how it answered, what it held. */
import { formatAmount, formatDuration, type Unit } from "../units.ts";
import type { Table } from "./content.ts";
import type { Report } from "./report.ts";

export type Target = NonNullable<Report["target"]>;

type Held = Target["before"];

interface Row {
  readonly label: string;
  readonly unit: Unit;
  readonly read: (held: Held) => number | null;
  /** Shown though it is 0 throughout. */
  readonly always: boolean;
}

const HELD: readonly Row[] = [
  row("liveBytes", "live bytes, after a collection", "bytes"),
  row("anonymousBytes", "anonymous memory", "bytes"),
  row("pssBytes", "memory, what processes share counted once (PSS)", "bytes"),
  row("rssBytes", "resident memory", "bytes"),
  row("descriptors", "descriptors"),
  kindRow("file", "files"),
  kindRow("socket", "sockets"),
  kindRow("pipe", "pipes"),
  kindRow("device", "devices"),
  kindRow("anon", "of the kernel's own: epoll, timers, events"),
  kindRow("other", "others"),
  row("threads", "threads"),
  row("sockets", "TCP connections"),
  stateRow("socketsEstablished", "· established"),
  stateRow("socketsCloseWait", "· closed by the peer, not by it (CLOSE_WAIT)"),
  stateRow("socketsClosing", "TCP connections of the kernel alone (TIME_WAIT …)"),
  row("processes", "processes"),
];

type Numbers = { [K in keyof Held]: Held[K] extends number | null ? K : never }[keyof Held];

function row(key: Numbers, label: string, unit: Unit = "count"): Row {
  return { label, unit, read: (held) => held[key], always: true };
}

function stateRow(key: Numbers, label: string): Row {
  return { ...row(key, label), always: false };
}

function kindRow(kind: string, label: string): Row {
  const read = ({ descriptorKinds }: Held) => descriptorKinds && (descriptorKinds[kind] ?? 0);
  return { label: `· ${label}`, unit: "count", read, always: false };
}

/** Its name, command, process and address. */
export function identifyTarget({ name, command, pid, url, readyAfterMs, output }: Target): string[] {
  const facts = [
    name,
    command?.join(" "),
    pid !== null && `pid ${pid}`,
    url,
    command && `up after ${formatDuration(readyAfterMs)}`,
    output && output.readBytes > 0 && `wrote ${formatAmount(output.readBytes, "bytes")}`,
  ];
  return [...new Set(facts.filter(Boolean).map(String))];
}

export function tabulateAnswers(health: NonNullable<Target["health"]>): Table {
  const rows = Object.entries({ "under load": health.underLoad, afterwards: health.afterwards }).map(
    ([when, { asked, failed, latencyMs, longestOutageMs }]) => [
      when,
      `${asked - failed} of ${asked}`,
      ...[latencyMs.p50, latencyMs.p99, latencyMs.max].map((ms) => (ms === null ? "" : formatDuration(ms))),
      formatDuration(longestOutageMs),
    ],
  );
  return { header: ["Answers", "Answered", "Median", "99 %", "Slowest", "Longest outage"], rows };
}

export function tabulateHeld({ before, base, after }: Pick<Target, "before" | "base" | "after">): Table {
  const show = (value: number | null | undefined, unit: Unit) =>
    typeof value === "number" ? formatAmount(value, unit) : "";
  // a row of zeros tells nothing
  const told = HELD.filter(({ read, always }) =>
    [before, base, after].some((at) => at && (always ? read(at) !== null : read(at))),
  );
  const rows = told.map(({ label, unit, read }) => [
    label,
    show(read(before), unit),
    ...(base ? [show(read(base), unit)] : []),
    show(after && read(after), unit),
  ]);
  return { header: ["It held", "Before", ...(base ? ["Warmed up"] : []), "Afterwards"], rows };
}

/** Whose lines `stayed` are. */
export function headStayed({ base }: Pick<Target, "base">): string {
  return `What is there afterwards and was not ${base ? "once it had warmed up" : "before"}:`;
}

/** What a report says of a run in words and units, whatever it is rendered as. */
import { formatAmount, formatBytes, formatDuration, formatShare } from "../units.ts";
import type { Report } from "./report.ts";

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** When, how long, with what and where. */
export function describeRun({
  startedAt,
  durationMs,
  profile,
  seed,
  host,
  exitCode,
}: Pick<Report, "startedAt" | "durationMs" | "profile" | "seed" | "host" | "exitCode">): string[] {
  return [
    startedAt,
    ...(durationMs === null ? [] : [formatDuration(durationMs)]),
    `profile ${profile.name} (${profile.because})`,
    `seed ${seed}`,
    `${host.runtime.name} ${host.runtime.version} on ${host.hostname}, ${host.allowedCpus.length} processors, ${formatBytes(host.memoryLimitBytes)}`,
    ...(exitCode === null ? [] : [`exit code ${exitCode}`]),
  ];
}

/** What each stressor was asked for, held and did when it was asked to let go. */
export function tabulateLoads(loads: Report["loads"]): Table {
  const rows = loads.map(({ stressor, unit, asked, held, released, forced, died }) => [
    stressor,
    formatAmount(asked, unit),
    formatAmount(held, unit),
    `${released} let go${forced ? `, ${forced} forced` : ""}${died.length ? `, ${died.length} died: ${died.join("; ")}` : ""}`,
  ]);
  return { header: ["Stressor", "Asked", "Held", "Threads"], rows };
}

/** Whether the run can be trusted, a line for each fact. */
export function describeTrust(sampling: NonNullable<Report["sampling"]>): string[] {
  const { lateMs, unreadable } = sampling;
  const lines = [
    `${sampling.taken} of ${sampling.due} samples taken, every ${formatDuration(sampling.intervalMs)}`,
    lateMs.max !== null &&
      `late by ${formatDuration(lateMs.p50 ?? 0)} (median), ${formatDuration(lateMs.p99 ?? 0)} (99 %), ${formatDuration(lateMs.max)} (most)`,
    sampling.samplerShare !== null && `sampling cost ${formatShare(sampling.samplerShare)} of a core`,
    sampling.mainThreadShare !== null && `the whole main thread ${formatShare(sampling.mainThreadShare)}`,
    sampling.busyBeforeShare !== null &&
      `processors ${formatShare(sampling.busyBeforeShare)} busy before the load`,
    sampling.stealShare !== null &&
      `${formatShare(sampling.stealShare)} of the processors' time was stolen by the hypervisor`,
    sampling.throttledMs && `${formatDuration(sampling.throttledMs)} throttled by the control group`,
    sampling.unwritten > 0 && `${sampling.unwritten} samples could not be written to samples.ndjson`,
    ...Object.entries(unreadable).map(([gauge, reason]) => `${gauge} could not be read: ${reason}`),
  ];
  return lines.filter((line) => typeof line === "string");
}

/** Shows a run on stderr: one live line on a terminal; otherwise a line for each phase and each minute. */
import type { Sample } from "../host/gauges.ts";
import { formatAmount, formatDuration } from "../units.ts";
import type { Observer } from "./live-run.ts";
import type { CurrentPhase } from "./phases.ts";

/** Fast enough to look alive, slow enough to cost nothing. */
const REDRAW_MS = 200;
const LINE_MS = 60_000;

export interface Progress extends Observer {
  /** Wipes the live line, so that what is printed next stands alone. */
  clear(): void;
}

export interface ProgressSettings {
  readonly name: string;
  readonly stream: NodeJS.WriteStream;
}

export function showProgress(settings: ProgressSettings): Progress {
  return settings.stream.isTTY ? liveLine(settings) : plainLines(settings);
}

export const silentProgress: Progress = { onPhase() {}, onSample() {}, clear() {} };

function liveLine({ name, stream }: ProgressSettings): Progress {
  let drawnMs = -Infinity;
  const clear = () => stream.write("\r\x1b[K");
  return {
    clear,
    onPhase() {
      drawnMs = -Infinity;
    },
    onSample(sample, phase) {
      if (!phase || sample.atMs - drawnMs < REDRAW_MS) return;
      drawnMs = sample.atMs;
      const left = Math.max(0, phase.startMs + phase.lastsMs - sample.atMs);
      const parts = [
        name,
        phase.name,
        `${formatDuration(Math.ceil(left / 1000) * 1000)} left`,
        ...tell(sample),
      ];
      stream.write(`\r\x1b[K${parts.join("  ").slice(0, (stream.columns || 80) - 1)}`);
    },
  };
}

function plainLines({ name, stream }: ProgressSettings): Progress {
  let saidMs = 0;
  return {
    clear() {},
    onPhase(phase: CurrentPhase | null) {
      if (!phase) return;
      saidMs = phase.startMs;
      const lasts = phase.lastsMs > 0 ? ` (${formatDuration(phase.lastsMs)})` : "";
      stream.write(`${name}: ${phase.name}${lasts}\n`);
    },
    onSample(sample, phase) {
      if (!phase || sample.atMs - saidMs < LINE_MS) return;
      saidMs = sample.atMs;
      const since = formatDuration(sample.atMs - phase.startMs);
      stream.write(`${name}: ${[`${phase.name} for ${since}`, ...tell(sample)].join(", ")}\n`);
    },
  };
}

function tell({ loads, gauges }: Sample): string[] {
  const held = Object.entries(loads)
    .filter(([, { held }]) => held > 0)
    .map(
      ([stressor, { held, asked, unit }]) =>
        `${stressor} ${formatAmount(held, unit)} of ${formatAmount(asked, unit)}`,
    );
  const available = gauges.memoryAvailableBytes;
  return [
    ...held,
    ...(typeof available === "number" ? [`${formatAmount(available, "bytes")} available`] : []),
  ];
}

/** Shows a run on stderr: one live line on a screen; otherwise a line for each phase and each minute. */
import stringWidth from "string-width";
import type { Sample } from "../host/gauges.ts";
import { sparkline, thin } from "../report/sparkline.ts";
import { clip, isScreen } from "../report/terminal-text.ts";
import { formatAmount, formatDuration, type Unit } from "../units.ts";
import type { Observer } from "./live-run.ts";
import type { CurrentPhase } from "./phases.ts";

/** Fast enough to look alive, slow enough to cost nothing. */
const REDRAW_MS = 200;
const LINE_MS = 60_000;
/** Of a curve on the live line. */
const CURVE_COLUMNS = 12;
/** At the line's end the terminal shows "^C": on a line of its own that would stay. */
const ECHO_COLUMNS = 3;
/** Twice as many are thinned to these: the whole run so far, in bounded memory. */
const KEPT_VALUES = 240;

export interface Progress extends Observer {
  /** Wipes the live line, so that what is printed next stands alone. */
  clear(): void;
}

export interface ProgressSettings {
  readonly name: string;
  readonly stream: NodeJS.WriteStream;
}

export function showProgress(settings: ProgressSettings): Progress {
  return isScreen(settings.stream, process.env) ? liveLine(settings) : plainLines(settings);
}

export const silentProgress: Progress = { onPhase() {}, onSample() {}, clear() {} };

function liveLine({ name, stream }: ProgressSettings): Progress {
  let drawnMs = -Infinity;
  let drawnWidth = 0;
  const curves = new Map<string, (number | null)[]>();
  // what is drawn goes over what stands there, and is erased to its right: nothing is seen to blink
  const draw = (line: string) => {
    const columns = stream.columns || 80;
    // a screen that has become narrower has broken the line: then all of it goes first
    const rows = Math.max(0, Math.ceil(drawnWidth / columns) - 1);
    const shown = clip(line, columns - ECHO_COLUMNS);
    drawnWidth = stringWidth(shown);
    stream.write(rows > 0 ? `\x1b[${rows}A\r\x1b[J${shown}` : `\r${shown}\x1b[K`);
  };
  return {
    clear() {
      if (drawnWidth > 0) draw("");
    },
    onPhase() {
      drawnMs = -Infinity;
    },
    onSample(sample, phase) {
      const told = tell(sample);
      for (const { label, value } of told) curves.set(label, keep(curves.get(label) ?? [], value));
      if (!phase || sample.atMs - drawnMs < REDRAW_MS) return;
      drawnMs = sample.atMs;
      const left = Math.max(0, phase.startMs + phase.lastsMs - sample.atMs);
      const figures = told.map(
        ({ label, shown }) => `${shown} ${sparkline(curves.get(label) ?? [], CURVE_COLUMNS)}`,
      );
      const time = `${formatDuration(Math.ceil(left / 1000) * 1000)} left`;
      draw([name, phase.name, time, ...figures].join("  "));
    },
  };
}

function keep(values: (number | null)[], value: number): (number | null)[] {
  values.push(value);
  return values.length > 2 * KEPT_VALUES ? thin(values, KEPT_VALUES) : values;
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
      const figures = tell(sample).map(({ shown }) => shown);
      stream.write(`${name}: ${[`${phase.name} for ${since}`, ...figures].join(", ")}\n`);
    },
  };
}

interface Told {
  readonly label: string;
  readonly value: number;
  readonly shown: string;
}

/** The gauges that matter: what is held of each load, what the target takes, else what the box has left. */
function tell({ loads, gauges }: Sample): Told[] {
  const held = Object.entries(loads)
    .filter(([, { held }]) => held > 0)
    .map(([label, { held, asked, unit }]) => ({
      ...{ label, value: held },
      shown: `${label} ${formatAmount(held, unit)} of ${formatAmount(asked, unit)}`,
    }));
  const read = (label: string, value: number | null | undefined, unit: Unit): Told[] =>
    typeof value === "number" ? [{ label, value, shown: `${formatAmount(value, unit)} ${label}` }] : [];
  const target = [
    ...read("of the target", gauges.targetAnonymousBytes ?? gauges.targetRssBytes, "bytes"),
    ...read("to answer", gauges.targetHealthMs, "ms"),
  ];
  return [...held, ...(target.length > 0 ? target : read("available", gauges.memoryAvailableBytes, "bytes"))];
}

/** The phases of a run as they happen: which one it is, since when, and when it should be over. */
import type { Report } from "../report/report.ts";
import type { PhaseKind, PhaseSettings } from "./phase.ts";
import { phaseName } from "./phase.ts";

export interface CurrentPhase {
  readonly name: string;
  readonly startMs: number;
  readonly lastsMs: number;
}

export interface Phases {
  readonly current: CurrentPhase | null;
  readonly done: Report["phases"];
  begin(kind: PhaseKind, settings: PhaseSettings): void;
  end(): void;
}

/** `now` answers milliseconds since the start of the run; `onChange` is told as a phase begins and ends. */
export function trackPhases(now: () => number, onChange: (phase: CurrentPhase | null) => void): Phases {
  const done: Report["phases"] = [];
  let current: CurrentPhase | null = null;
  return {
    get current() {
      return current;
    },
    done,
    begin(kind, { label, lastsMs }) {
      current = { name: phaseName(kind, label), startMs: now(), lastsMs };
      done.push({ name: current.name, startMs: current.startMs, endMs: null });
      onChange(current);
    },
    end() {
      const last = done.at(-1);
      if (last) last.endMs = now();
      current = null;
      onChange(null);
    },
  };
}

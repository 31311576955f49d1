/** The phases of a run, and what they are called. */

export type PhaseKind = "baseline" | "warm-up" | "load" | "hold" | "recovery";

export interface PhaseSettings {
  /** Which of several phases of one kind: "75 %". */
  readonly label?: string;
  /** How long it takes: exactly, without work of its own; at most or about, with. */
  readonly lastsMs: number;
}

/** How a phase is called in samples and reports: its kind, then its label. */
export function phaseName(kind: PhaseKind, label?: string): string {
  return label === undefined ? kind : `${kind} ${label}`;
}

/** Cycles that an earlier run has seen: they are accepted, and only new ones count. */
import { identify } from "./cycle-text.ts";
import type { KnownCycle } from "./survey.ts";

/** `before`: the evidence of a run of the same scenario, read from its report; null: there is none, and every cycle is new. */
export function newCycles(
  { cycles }: { readonly cycles: readonly KnownCycle[] },
  before: unknown,
): readonly KnownCycle[] {
  if (before === null) return cycles;
  const known = new Set(cyclesIn(before).map(identify));
  return cycles.filter((cycle) => !known.has(identify(cycle)));
}

function cyclesIn(evidence: unknown): readonly KnownCycle[] {
  const cycles =
    typeof evidence === "object" && evidence !== null && "cycles" in evidence ? evidence.cycles : [];
  return Array.isArray(cycles) ? cycles.filter(isCycle) : [];
}

function isCycle(value: unknown): value is KnownCycle {
  const steps = typeof value === "object" && value !== null && "steps" in value ? value.steps : null;
  return Array.isArray(steps) && steps.every((step) => typeof step?.file === "string");
}

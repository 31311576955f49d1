/** The most that a run takes, in words. */
import { formatAmount } from "../units.ts";
import type { Plan } from "./scenario.ts";

export function describePeak(peak: Plan["peak"]): string {
  const parts = Object.entries(peak).map(([resource, amount]) => {
    if (!resource.endsWith("Bytes")) return `${formatAmount(amount, "count")} ${resource}`;
    return `${formatAmount(amount, "bytes")} of ${resource.slice(0, -"Bytes".length)}`;
  });
  return parts.join(", ") || "nothing";
}

/** How a tally is told: "20 × 1013, 1 × timeout". */
import type { Tally } from "../clients/tally.ts";

/** Null of nothing. */
export function describeTally(
  tally: Tally,
  describe: (kind: string) => string = (kind) => kind,
): string | null {
  const parts = Object.entries(tally).map(([kind, times]) => `${times} × ${describe(kind)}`);
  return parts.length === 0 ? null : parts.join(", ");
}

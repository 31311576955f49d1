/** How fast something grows, in the words that findings, explanations and charts share. */
import { formatRate } from "../units.ts";
import type { Trend } from "./finding.ts";

type Slope = Pick<Trend, "unit" | "per" | "slope" | "low" | "high">;

/** "1.4 KiB a cycle (98 %: 1.3 KiB to 1.6 KiB)"; empty where no line could be fitted. */
export function describeSlope({ unit, per, slope, low, high }: Slope): string {
  if (slope === null || low === null || high === null) return "";
  const show = (value: number) => formatRate(value, unit);
  return `${show(slope)} a ${per} (98 %: ${show(low)} to ${show(high)})`;
}

/** The same, "…, 92.8 MiB an hour". */
export function describePace({ slopePerHour, ...slope }: Slope & Pick<Trend, "slopePerHour">): string {
  const described = describeSlope(slope);
  if (described === "" || slopePerHour === null) return described;
  return `${described}, ${formatRate(slopePerHour, slope.unit)} an hour`;
}

/** Whether growth goes on to the end, by least squares: there, what comes last counts most. */
import { fitLeastSquares } from "./least-squares.ts";
import type { XY } from "./theil-sen.ts";
import { STILL_GROWS } from "./thresholds.ts";

/** True when the last half or the last quarter grows much less than the whole. */
export function slowsDown(points: readonly XY[]): boolean {
  const whole = fitLeastSquares(points)?.slope ?? 0;
  return [1 / 2, 3 / 4].some((from) => {
    // two readings at least: fewer have no slope
    const later = points.slice(Math.min(points.length - 2, Math.floor(points.length * from)));
    return (fitLeastSquares(later)?.slope ?? 0) < STILL_GROWS * whole;
  });
}

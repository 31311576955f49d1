/** The straight line of least squares: what a slope is where every reading counts, outliers too. */
import type { XY } from "./theil-sen.ts";

export interface LeastSquares {
  /** Per unit of x. */
  readonly slope: number;
  /** The share of the variance that the line explains, 0..1; 0 of values that are all equal. */
  readonly rSquared: number;
}

/** Null with fewer than two distinct x. */
export function fitLeastSquares(points: readonly XY[]): LeastSquares | null {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  let products = 0;
  let squaresX = 0;
  let squaresY = 0;
  for (const [x, y] of points) {
    products += (x - meanX) * (y - meanY);
    squaresX += (x - meanX) ** 2;
    squaresY += (y - meanY) ** 2;
  }
  if (!(squaresX > 0)) return null;
  return { slope: products / squaresX, rSquared: squaresY > 0 ? products ** 2 / (squaresX * squaresY) : 0 };
}

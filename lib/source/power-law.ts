/** How one thing grows with another: y = c x^k, fitted to the logarithms by least squares, with the 98 % interval of k. */

export interface PowerLaw {
  readonly exponent: number;
  readonly low: number;
  readonly high: number;
}

/** Student's t, two-sided 98 %, by degrees of freedom from 1; beyond the list the normal quantile is near enough. */
const T_98 = [
  31.82, 6.965, 4.541, 3.747, 3.365, 3.143, 2.998, 2.896, 2.821, 2.764, 2.719, 2.681, 2.65, 2.624,
];
const Z_98 = 2.326;

/** `points`: [x, y], both above 0; null for fewer than three, or where all have the same x. */
export function fitPowerLaw(points: readonly (readonly [x: number, y: number])[]): PowerLaw | null {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const count = logs.length;
  const meanX = logs.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = logs.reduce((sum, [, y]) => sum + y, 0) / count;
  const spread = logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  if (count < 3 || spread === 0) return null;
  const exponent = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const residual = logs.reduce((sum, [x, y]) => sum + (y - meanY - exponent * (x - meanX)) ** 2, 0);
  const half = (T_98[count - 3] ?? Z_98) * Math.sqrt(residual / (count - 2) / spread);
  return { exponent, low: exponent - half, high: exponent + half };
}

/** How closely one series follows another, with its interval, for series that remember their past. */

export interface Correlation {
  /** Pearson's, −1 to 1. */
  readonly r: number;
  /** 98 % of the time it lies between these. */
  readonly low: number;
  readonly high: number;
  /** By so many steps the second comes later. */
  readonly lag: number;
}

/** The 99th percentile of the normal distribution: 1 % is left on each side. */
const Z = 2.326;
/** Fisher's interval needs more than three values. */
const LEAST = 3.5;

/**
 * At the lag, from 0 to `mostLag` steps, at which it is closest. The interval is Fisher's (1921), with as many values as
 * the series are worth: readings that repeat the ones before count for less (Bayley and Hammersley, 1946). Null where one
 * of them never changes, or where there are too few.
 */
export function correlate(
  cause: readonly number[],
  effect: readonly number[],
  mostLag: number,
): Correlation | null {
  let best: Correlation | null = null;
  for (let lag = 0; lag <= mostLag; lag++) {
    const found = correlateAt(cause, effect, lag);
    if (found && (best === null || found.r > best.r)) best = found;
  }
  return best;
}

function correlateAt(cause: readonly number[], effect: readonly number[], lag: number): Correlation | null {
  const xs = centred(cause.slice(0, cause.length - lag));
  const ys = centred(effect.slice(lag));
  const [xx, yy] = [dot(xs, xs), dot(ys, ys)];
  if (xs.length !== ys.length || xx === 0 || yy === 0) return null;
  const r = dot(xs, ys) / Math.sqrt(xx * yy);
  const memory = Math.max(0, remembered(xs) * remembered(ys));
  const worth = Math.max(LEAST, (xs.length * (1 - memory)) / (1 + memory));
  const reach = Z / Math.sqrt(worth - 3);
  // that few values agree in all is no certainty
  const z = Math.atanh(Math.min(r, 1 - 1 / (2 * worth)));
  return { r, low: Math.tanh(z - reach), high: Math.tanh(z + reach), lag };
}

/** How much a value has of the one before it. */
function remembered(values: readonly number[]): number {
  return dot(values.slice(1), values.slice(0, -1)) / dot(values, values);
}

function centred(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

function dot(xs: readonly number[], ys: readonly number[]): number {
  return xs.reduce((sum, x, index) => sum + x * (ys[index] ?? 0), 0);
}

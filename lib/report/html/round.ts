/** As exact as a drawing has to be: to a tenth. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A curve in a word of text: eight heights, each column the highest of its stretch. */

const BLOCKS = "▁▂▃▄▅▆▇█";

/** From the least to the most; what is the same throughout lies low. Of null, a blank. Fewer values than columns: fewer columns. */
export function sparkline(values: readonly (number | null)[], columns: number): string {
  const shown = thin(values, columns);
  const read = shown.filter((value) => value !== null);
  const [low, high] = [Math.min(...read), Math.max(...read)];
  const level = (value: number) =>
    high === low ? 0 : Math.round(((value - low) / (high - low)) * (BLOCKS.length - 1));
  return shown.map((value) => (value === null ? " " : BLOCKS[level(value)])).join("");
}

/** At most so many: of each stretch the highest, so that no spike is lost. */
export function thin(values: readonly (number | null)[], most: number): (number | null)[] {
  if (values.length <= most) return [...values];
  return Array.from({ length: most }, (_, column) => {
    const from = Math.floor((column * values.length) / most);
    const to = Math.floor(((column + 1) * values.length) / most);
    const read = values.slice(from, to).filter((value) => value !== null);
    return read.length === 0 ? null : Math.max(...read);
  });
}

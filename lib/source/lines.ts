/** Offsets in a text, as lines. */

/** Answers the line, from 1, of offsets that are asked for in ascending order. */
export function createLineCounter(text: string): (offset: number) => number {
  let line = 1;
  let next = text.indexOf("\n");
  return (offset) => {
    for (; next !== -1 && next < offset; line++) next = text.indexOf("\n", next + 1);
    return line;
  };
}

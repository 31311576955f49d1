/** Text for a terminal: cleaned of what could move its cursor, cut or broken to its width. */

/** What came from outside is data: no escape sequence, no new line. */
export function clean(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, " ");
}

export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Breaks at spaces, and clips a single word that is longer than the line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of clean(text).split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(clip(word, width));
  }
  return lines;
}

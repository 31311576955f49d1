/** Text for a terminal: cleaned of what could move its cursor, cut or broken to its width. */
import stringWidth from "string-width";

/** What came from outside is data: no escape sequence, no new line. */
export function clean(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, " ");
}

/** `width` in columns: of an ideograph or an emoji there are two. */
export function clip(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = "";
  for (const { segment } of GRAPHEMES.segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });

export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - stringWidth(text)));
}

/** Breaks at spaces, and clips a single word that is longer than the line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of clean(text).split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && stringWidth(last) + 1 + stringWidth(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(clip(word, width));
  }
  return lines;
}

/** Whether whoever reads sees a screen that can be drawn on, with people before it: a log or a screen reader gets plain lines. */
export function isScreen({ isTTY }: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): boolean {
  return isTTY === true && environment.TERM !== "dumb" && !environment.CI;
}

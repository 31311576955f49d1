/** Names that other programs chose, made fit for one line of a report. */

/** Longest name that is kept: of a longer one, nobody reads more. */
const MOST = 200;

/** Control and invisible formatting characters, line and paragraph separators: whatever could move a cursor or hide text. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu;

/** One line, without control characters, at most `most` characters. */
export function plainText(text: string, most = MOST): string {
  // cut first: a name may be megabytes long
  const line = text
    .slice(0, most * 4)
    .replace(UNFIT, " ")
    .trim();
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}

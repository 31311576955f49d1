/** What a program said at last, and which of its lines tells most: a stack or a version may stand below the reason. */

/** "Error: EMFILE: …", "OSError: [Errno 24] …", "java.io.IOException: …", "panic: …", "[emerg] …", "fatal: …". */
const REASON = /^\s*[\w.$:]*(Error|Exception)\b|\b(panic|fatal|emerg)\b|^thread '.+' panicked/i;

/** A verdict's sentence quotes a program's last words below it, a line each behind this: what it says itself, and those. */
export function splitQuoted(sentence: string): {
  readonly sentence: string;
  readonly quoted: readonly string[];
} {
  const [own = "", ...quoted] = sentence.split("\n  | ");
  return { sentence: own, quoted };
}

/** At most so many of the lines: from the last that gives a reason on, else the last ones. Empty lines are left out. */
export function tellingLines(lines: readonly string[], most: number): string[] {
  const said = lines.filter((line) => line.trim() !== "");
  const reason = said.findLastIndex((line) => REASON.test(line));
  return reason === -1 ? said.slice(-most) : said.slice(reason, reason + most);
}

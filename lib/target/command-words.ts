/** A command as people type it, cut into words as a POSIX shell would, but without a shell: nothing in it is ever expanded. */

/** A whole word that only a shell understands: whoever writes it expects one. */
const SHELL_WORD = /^(\|\|?|&&?|;|[0-9]?(>>?|<)(&[0-9])?)$/;

/** What was expected, or null if this is a command. */
export function refuseCommand(text: string): string | null {
  const read = splitWords(text);
  return "expected" in read ? read.expected : null;
}

/** The words of a command; [] of what is none. Cuts at blanks; '…', "…" and \ quote as in POSIX.1-2017, XCU 2.2. */
export function readWords(text: string): string[] {
  const read = splitWords(text);
  return "words" in read ? read.words : [];
}

function splitWords(text: string): { readonly words: string[] } | { readonly expected: string } {
  const words: string[] = [];
  let word: string | null = null;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (/\s/.test(character)) {
      if (word !== null) {
        if (!quoted && SHELL_WORD.test(word)) return shellExpected(word);
        words.push(word);
      }
      word = null;
      quoted = false;
    } else if (character === "'" || character === '"') {
      const quote = character === "'" ? readSingle(text, at + 1) : readDouble(text, at + 1);
      if (!quote) return { expected: `a ${character} that closes the one at character ${at + 1}` };
      word = (word ?? "") + quote.text;
      quoted = true;
      at = quote.end;
    } else if (character === "\\") {
      at++;
      if (at === text.length) return { expected: "a character after the \\ at its end" };
      // a backslash takes the line's end away
      if (text.charAt(at) !== "\n") word = (word ?? "") + text.charAt(at);
      quoted = true;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (word !== null && !quoted && SHELL_WORD.test(word)) return shellExpected(word);
  if (word !== null) words.push(word);
  if (!words[0]) return { expected: "a program and its words" };
  return { words };
}

function shellExpected(word: string): { expected: string } {
  return { expected: `one program and its words, without "${word}": no shell reads it (sh -c '…' is one)` };
}

function readSingle(text: string, from: number): { text: string; end: number } | null {
  const end = text.indexOf("'", from);
  return end === -1 ? null : { text: text.slice(from, end), end };
}

function readDouble(text: string, from: number): { text: string; end: number } | null {
  let read = "";
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') return { text: read, end: at };
    const next = text.charAt(at + 1);
    // between double quotes a backslash quotes these only, and is itself before anything else
    if (character === "\\" && next !== "" && '$`"\\\n'.includes(next)) {
      at++;
      if (next !== "\n") read += next;
    } else read += character;
  }
  return null;
}

/**
 * Whether a text is nested deeper than a parser's own stack bears: oxc-parser ends the whole process at some 3000
 * brackets in each other on a worker thread, and at some 50 000 operators in a row.
 */

const MOST_BRACKETS = 1000;
const MOST_OPERATORS = 10_000;
/** A shorter text cannot reach either. */
const LEAST_LENGTH = 2 * MOST_BRACKETS;

const OPENS = codesOf("([{");
const CLOSES = codesOf(")]}");
const OPERATORS = codesOf("+-*/%&|^?:<>=!.`$");
/** What follows is no part of the same operation. */
const ENDS = codesOf(";,");

/** Counted letter by letter, also in strings and comments: what is there balances out. */
export function isNestedTooDeeply(text: string): boolean {
  if (text.length < LEAST_LENGTH) return false;
  // how many operators are in a row in each bracket that is open
  const operators = new Uint32Array(MOST_BRACKETS + 1);
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 127) continue;
    if (OPENS[code]) {
      if (++depth > MOST_BRACKETS) return true;
      operators[depth] = 0;
    } else if (CLOSES[code]) depth = Math.max(0, depth - 1);
    else if (ENDS[code]) operators[depth] = 0;
    else if (OPERATORS[code]) {
      const row = (operators[depth] ?? 0) + 1;
      if (row > MOST_OPERATORS) return true;
      operators[depth] = row;
    }
  }
  return false;
}

function codesOf(letters: string): Uint8Array {
  const codes = new Uint8Array(128);
  for (const letter of letters) codes[letter.charCodeAt(0)] = 1;
  return codes;
}

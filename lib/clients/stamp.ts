/** The stamp of a message in a stream: its number, when it was due and how late it was sent; found again wherever in a payload it comes back. */

export interface Stamp {
  readonly sequence: number;
  /** Of the wall clock, as two processes read it: µs since 1970. */
  readonly dueUs: number;
  /** After that it was sent, µs. */
  readonly lateUs: number;
}

/** Begins one: no JSON around it has this sign. */
const MARK = 0x23;
const SEQUENCE_DIGITS = 10;
const DUE_DIGITS = 16;
const LATE_DIGITS = 9;
const MOST_LATE_US = 10 ** LATE_DIGITS - 1;
/** "#", the three numbers, and a sign between two of them. */
export const STAMP_BYTES = 1 + SEQUENCE_DIGITS + 1 + DUE_DIGITS + 1 + LATE_DIGITS;
const DUE_AT = 1 + SEQUENCE_DIGITS + 1;
const LATE_AT = DUE_AT + DUE_DIGITS + 1;

/** The wall clock as precisely as it can be had, µs since 1970: it does not jump while a process runs. */
export function nowUs(): number {
  return ORIGIN_US + performance.now() * 1000;
}

/** Read once: it costs more than the time since. */
const ORIGIN_US = performance.timeOrigin * 1000;

export function writeStamp({ sequence, dueUs, lateUs }: Stamp): string {
  const late = Math.min(MOST_LATE_US, Math.max(0, Math.round(lateUs)));
  const digits = (value: number, length: number) => String(value).padStart(length, "0");
  return `#${digits(sequence, SEQUENCE_DIGITS)}@${digits(Math.round(dueUs), DUE_DIGITS)}+${digits(late, LATE_DIGITS)}`;
}

/** Finds every stamp in a payload, without reading what is around them. */
export function readStamps(
  payload: Buffer,
  found: (sequence: number, dueUs: number, lateUs: number) => void,
): void {
  for (let at = payload.indexOf(MARK); at >= 0; at = payload.indexOf(MARK, at + STAMP_BYTES)) {
    if (at + STAMP_BYTES > payload.length) return;
    found(
      readDigits(payload, at + 1, SEQUENCE_DIGITS),
      readDigits(payload, at + DUE_AT, DUE_DIGITS),
      readDigits(payload, at + LATE_AT, LATE_DIGITS),
    );
  }
}

function readDigits(bytes: Buffer, from: number, length: number): number {
  let value = 0;
  for (let at = from; at < from + length; at++) value = value * 10 + ((bytes[at] ?? 0) - 0x30);
  return value;
}

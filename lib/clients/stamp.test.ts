/** Stamps of messages: found in whatever is around them, and never where there is none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nowUs, readStamps, STAMP_BYTES, type Stamp, writeStamp } from "./stamp.ts";

function read(payload: string | Buffer): Stamp[] {
  const found: Stamp[] = [];
  readStamps(Buffer.from(payload), (sequence, dueUs, lateUs) => found.push({ sequence, dueUs, lateUs }));
  return found;
}

const ONE = { sequence: 7, dueUs: 1_764_200_000_123_456, lateUs: 250 };
const OTHER = { sequence: 9_999_999_999, dueUs: Math.round(nowUs()), lateUs: 0 };

test("readStamps() finds each stamp of a payload, in order, in JSON or in plain text", () => {
  assert.equal(writeStamp(ONE).length, STAMP_BYTES);
  assert.deepEqual(read(writeStamp(ONE)), [ONE]);
  const frame = { type: "events", events: [{ text: `${writeStamp(ONE)}....` }, { text: writeStamp(OTHER) }] };
  assert.deepEqual(read(JSON.stringify(frame)), [ONE, OTHER]);
});

test("readStamps() finds none where there is none, or where it is cut off", () => {
  for (const payload of ["", "{}", "#", writeStamp(ONE).slice(0, -1)])
    assert.deepEqual(read(payload), [], payload);
});

test("writeStamp() takes fractions and what is late beyond its digits", () => {
  const stamp = writeStamp({ sequence: 1, dueUs: 1000.4, lateUs: 1e12 });
  assert.deepEqual(read(stamp), [{ sequence: 1, dueUs: 1000, lateUs: 999_999_999 }]);
  assert.equal(read(writeStamp({ ...ONE, lateUs: -3 }))[0]?.lateUs, 0);
});

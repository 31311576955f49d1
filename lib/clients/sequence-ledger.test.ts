/** What receivers had of a numbered stream: every kind of disorder is counted as what it is, and order as nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../stress/random.ts";
import { createSequenceLedger } from "./sequence-ledger.ts";

const NONE = { delivered: 0, lost: 0, outstanding: 0, duplicated: 0, reordered: 0, unasked: 0 };

function had(sequences: readonly number[], sent: number) {
  const ledger = createSequenceLedger(1);
  for (const sequence of sequences) ledger.receive(0, sequence);
  return ledger.total(sent);
}

test("createSequenceLedger() counts what was lost, in the midst and at the end", () => {
  assert.deepEqual(had([0, 1, 2], 3), { ...NONE, delivered: 3 });
  assert.deepEqual(had([0, 2], 4), { ...NONE, delivered: 2, lost: 1, outstanding: 1 });
  assert.deepEqual(had([], 3), { ...NONE, outstanding: 3 });
});

test("createSequenceLedger() tells what comes twice from what comes late", () => {
  assert.deepEqual(had([0, 1, 1, 2], 3), { ...NONE, delivered: 3, duplicated: 1 });
  assert.deepEqual(had([0, 2, 1, 3], 4), { ...NONE, delivered: 4, reordered: 1 });
  assert.deepEqual(had([0, 2, 1, 1], 3), { ...NONE, delivered: 3, reordered: 1, duplicated: 1 });
});

test("createSequenceLedger() knows what is for whom", () => {
  const isEven = (receiver: number, sequence: number) => receiver === 0 || sequence % 2 === 0;
  const ledger = createSequenceLedger(2, isEven);
  for (const sequence of [0, 1, 2, 3]) ledger.receive(0, sequence);
  for (const sequence of [0, 3]) ledger.receive(1, sequence);
  assert.deepEqual([ledger.due(4), ledger.due(0)], [6, 0]);
  assert.deepEqual(ledger.amiss(4), [
    { receiver: 1, counts: { ...NONE, delivered: 1, outstanding: 1, unasked: 1 } },
  ]);
  assert.deepEqual(ledger.total(4), { ...NONE, delivered: 5, outstanding: 1, unasked: 1 });
});

test("createSequenceLedger() agrees with a count of everything, whatever is done to a stream", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = createRandom(seed);
    const came: number[] = [];
    const expected = { ...NONE };
    for (let sequence = 0; sequence < 200; sequence++) {
      const fate = random();
      if (fate < 0.1) expected.lost++;
      else came.push(sequence);
      if (fate > 0.9) {
        came.push(sequence);
        expected.duplicated++;
      }
    }
    expected.delivered = 200 - expected.lost;
    // the last one ends it: nothing is on its way then
    came.push(200);
    expected.delivered++;
    assert.deepEqual(had(came, 201), expected, `seed ${seed}`);
  }
});

test("createSequenceLedger() passes over a receiver that there is not", () => {
  const ledger = createSequenceLedger(1);
  ledger.receive(1, 0);
  assert.deepEqual(ledger.total(0), NONE);
});

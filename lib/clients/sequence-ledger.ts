/** What each of many receivers has had of one numbered stream: all of it, in order, once, and nothing that was not for it. */

/** Of all receivers together. */
export interface SequenceCounts {
  readonly delivered: number;
  /** Never came, though later ones did. */
  readonly lost: number;
  /** Had not come when the last one came that did: lost, or on its way. */
  readonly outstanding: number;
  /** Came again. */
  readonly duplicated: number;
  /** Came after one that was sent later. */
  readonly reordered: number;
  /** Was not for this receiver. */
  readonly unasked: number;
}

export interface SequenceLedger {
  receive(receiver: number, sequence: number): void;
  /** How many receivers have something amiss so far, or miss something of the first `sent`. */
  amiss(sent: number): readonly { readonly receiver: number; readonly counts: SequenceCounts }[];
  /** What has to be delivered of the first `sent`, to all together. */
  due(sent: number): number;
  /** What all have had so far, and what is missing of the first `sent`. */
  total(sent: number): SequenceCounts;
}

/** Of a stream that loses everything no more numbers are kept: what comes late then counts as come again. */
const MOST_MISSING = 100_000;

interface Receiver {
  /** The number that has to come next, or a later one. */
  next: number;
  delivered: number;
  duplicated: number;
  reordered: number;
  unasked: number;
  /** Passed over, and not come yet: counted, and which, as far as they are kept. */
  missing: number;
  readonly which: Set<number>;
}

/** `wants`: whether this number is for this receiver; without it, all are for all. */
export function createSequenceLedger(
  receivers: number,
  wants: (receiver: number, sequence: number) => boolean = () => true,
): SequenceLedger {
  const all = Array.from(
    { length: receivers },
    (): Receiver => ({
      next: 0,
      delivered: 0,
      duplicated: 0,
      reordered: 0,
      unasked: 0,
      missing: 0,
      which: new Set(),
    }),
  );

  function passOver(one: Receiver, receiver: number, to: number): void {
    for (; one.next < to; one.next++) {
      if (!wants(receiver, one.next)) continue;
      one.missing++;
      if (one.which.size < MOST_MISSING) one.which.add(one.next);
    }
  }

  function tell(receiver: number, sent: number): SequenceCounts {
    const one = all[receiver];
    if (!one) return NOTHING;
    const { delivered, duplicated, reordered, unasked } = one;
    let outstanding = 0;
    for (let sequence = one.next; sequence < sent; sequence++) if (wants(receiver, sequence)) outstanding++;
    return { delivered, lost: one.missing, outstanding, duplicated, reordered, unasked };
  }

  return {
    receive(receiver, sequence) {
      const one = all[receiver];
      if (!one) return;
      if (!wants(receiver, sequence)) {
        one.unasked++;
      } else if (sequence >= one.next) {
        if (sequence > one.next) passOver(one, receiver, sequence);
        one.next = sequence + 1;
        one.delivered++;
      } else if (one.which.delete(sequence)) {
        one.missing--;
        one.delivered++;
        one.reordered++;
      } else one.duplicated++;
    },
    amiss: (sent) =>
      all
        .map((_, receiver) => ({ receiver, counts: tell(receiver, sent) }))
        .filter(({ counts: { delivered: _, ...wrong } }) => Object.values(wrong).some((count) => count > 0)),
    due(sent) {
      let due = 0;
      for (let receiver = 0; receiver < receivers; receiver++)
        for (let sequence = 0; sequence < sent; sequence++) if (wants(receiver, sequence)) due++;
      return due;
    },
    total: (sent) => all.map((_, receiver) => tell(receiver, sent)).reduce(addCounts, NOTHING),
  };
}

const NOTHING: SequenceCounts = {
  delivered: 0,
  lost: 0,
  outstanding: 0,
  duplicated: 0,
  reordered: 0,
  unasked: 0,
};

export function addCounts(one: SequenceCounts, other: SequenceCounts): SequenceCounts {
  return {
    delivered: one.delivered + other.delivered,
    lost: one.lost + other.lost,
    outstanding: one.outstanding + other.outstanding,
    duplicated: one.duplicated + other.duplicated,
    reordered: one.reordered + other.reordered,
    unasked: one.unasked + other.unasked,
  };
}
